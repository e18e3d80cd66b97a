package org.kmemscope.fidelity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.fidelity.FidelityReport;
import org.kmemscope.api.fidelity.FidelityReport.Difference;
import org.kmemscope.api.fidelity.FidelityReport.Family;

/** Captures of real kernels, 2.6.32 to 6.1, whose every fact that the model answers is the same. */
class CaptureTest {
    static Stream<String> captures() throws IOException {
        try (Stream<Path> files = Files.list(Bench.CAPTURES_FOLDER)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".tar.gz"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    /** So that nothing is equal because nothing is compared. */
    private static Map<String, Integer> leastEqual(String capture) {
        if (capture.startsWith("i386-686-1024M-1cpu.")) {
            return Map.of("alloc_pages", 2000, "buddy split and merge", 350, "floor", 400, "kmalloc", 4000);
        }
        if (capture.contains("-1cpu-err.")) {
            return Map.of("errors", 270);
        }
        return Map.of(
                "errors",
                capture.contains("frag") ? 50 : capture.contains("oom") ? 20 : capture.contains("err2") ? 30 : 0);
    }

    @ParameterizedTest
    @MethodSource("captures")
    void everyFactIsTheKernels(String capture) {
        FidelityReport report = Bench.compare(Bench.CAPTURES_FOLDER.resolve(capture));
        List<Difference> differences = report.families().stream()
                .flatMap(family -> family.differences().stream())
                .toList();
        assertThat(differences).isEmpty();
        leastEqual(capture).forEach((name, least) -> assertThat(
                        family(report, name).score().equal())
                .as(name)
                .isGreaterThanOrEqualTo(least));
    }

    /** SLUB's orders go by the processors that may be online: what depends on them is no fact, and all else is one. */
    @Test
    void whatTheMissingBootLogWouldTellIsNotGuessed() {
        FidelityReport report = Bench.compare(Path.of("../../docs/examples/board-proc.tar.gz"));

        assertThat(report.total().different()).isZero();
        Family geometry = family(report, "slab geometry");
        assertThat(geometry.score().equal()).isGreaterThan(50);
        assertThat(geometry.notModelled())
                .anyMatch(reason -> reason.startsWith("order and objects of a slab: no boot log tells how many"));
    }

    private static Family family(FidelityReport report, String name) {
        return report.families().stream()
                .filter(family -> family.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aChangedAnswerIsFound(@TempDir Path temp) throws IOException {
        List<UnaryOperator<String>> changes = List.of(
                // the first frame of the block at the head of a list that nobody has touched
                text -> text.replaceFirst(
                        "(flags=GFP_DMA gfp=0x1 order=9) pfn=0x200 phys=0x200000", "$1 pfn=0x400 phys=0x400000"),
                // a thousand blocks more than there were
                text -> text.replaceFirst(
                        "(EXP floor flags=GFP_DMA\\|GFP_NOWAIT gfp=0x801 order=0) allocs=3", "$1 allocs=4"),
                text -> text.replaceFirst("STEP 3 freed=3 region=\\[0:o2 ]", "STEP 3 freed=3 region=[0:o1 2:o1 ]"));
        Path capture = ChangedCapture.of(
                Bench.subject(Bench.CAPTURES_FOLDER.resolve("i386-686-1024M-1cpu.tar.gz"))
                        .capture(),
                temp,
                changes);
        FidelityReport report = Bench.compare(capture);
        assertThat(family(report, "alloc_pages").differences())
                .anyMatch(difference -> difference.fact().equals("alloc_pages(GFP_DMA, 9): pfn")
                        && difference.captured().equals("0x400"));
        assertThat(family(report, "floor").differences())
                .anyMatch(difference -> difference.fact().contains("floor of GFP_DMA|GFP_NOWAIT, order 0: blocks"));
        assertThat(family(report, "buddy split and merge").differences())
                .anyMatch(difference -> difference.captured().equals("3 freed: 0:o1 2:o1")
                        && difference.modelled().equals("3 freed: 0:o2"));
    }

    @Test
    void aMalformedExperimentIsToldWithFileAndLine(@TempDir Path temp) throws IOException {
        Path capture = ChangedCapture.of(
                Bench.subject(Bench.CAPTURES_FOLDER.resolve("i386-686-1024M-1cpu.tar.gz"))
                        .capture(),
                temp,
                List.of(text -> text.replaceFirst("STEP 3 freed=3 region=\\[0:o2 ]", "STEP three")));
        for (String file : List.of("oracle-pages.txt", "hold.txt", "oracle-kmalloc.txt", "oracle-floor.txt")) {
            Files.delete(capture.resolve(file));
        }
        assertThatThrownBy(() -> Bench.compare(capture))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(
                        "oracle-buddy.txt: line \\d+ is no step like 'STEP 0 freed=0 region=\\[0:o0 ]': STEP three");
    }
}

package org.kmemscope.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    @ParameterizedTest
    @MethodSource("captures")
    void everyFactIsTheKernels(String capture) {
        FidelityReport report = Bench.compare(Bench.CAPTURES_FOLDER.resolve(capture));
        List<Difference> differences = report.families().stream()
                .flatMap(family -> family.differences().stream())
                .toList();
        assertThat(differences).isEmpty();
        assertThat(report.total().equal()).isPositive();
    }

    private static Family family(String capture, String name) {
        return family(Bench.compare(capture), name);
    }

    private static Family family(FidelityReport report, String name) {
        return report.families().stream()
                .filter(family -> family.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** So that nothing is equal because nothing is compared. */
    @ParameterizedTest
    @CsvSource({
        "i386-686-pae-1024M-1cpu-err, errors, 300",
        "armhf-armmp-1024M-1cpu-err, errors, 270",
        "armhf-armmp-1024M-1cpu-oomlow, errors, 20",
        "2.6.32-642.el6.i686-pae-slab-128M-frag, errors, 50",
        "3.8.13-odroidx-smdkc210-1024M-oom, errors, 25"
    })
    void manyWordsAreCompared(String capture, String family, long atLeast) {
        assertThat(family(capture, family).score().equal()).isGreaterThanOrEqualTo(atLeast);
    }

    @Test
    void requestsStepsAndFloorsAreCompared() {
        FidelityReport report = Bench.compare("i386-686-1024M-1cpu");
        Family pages = family(report, "alloc_pages");
        assertThat(pages.score().equal()).isGreaterThan(2000);
        assertThat(pages.notModelled()).anyMatch(reason -> reason.contains("which block of a list is taken"));
        assertThat(family(report, "buddy split and merge").score().equal()).isGreaterThan(350);
        assertThat(family(report, "floor").score().equal()).isGreaterThan(400);
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
}

package org.kmemscope.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.capture.NotCaptured;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.Views;
import org.kmemscope.capture.file.FileKind;

class PartialCaptureTest {
    private static final String SAMPLE = "6.1.0-50-armmp-smdkc210-1024M";
    /** What needs which file. */
    private static final Map<String, Consumer<Views>> QUESTIONS = Map.of(
            "proc-zoneinfo.txt", Views::nodeStatistics,
            "proc-slabinfo.txt", Views::slabCaches,
            "proc-vmallocinfo.txt", Views::vmapAreas,
            "proc-iomem.txt", Views::iomem,
            "proc-meminfo.txt", Views::meminfo,
            "proc-vmstat.txt", Views::vmstat,
            "dmesg-boot.txt", Views::dmesg);

    @TempDir
    Path temp;

    private Path folder;

    @BeforeEach
    void unpack() throws IOException {
        folder = Samples.folder(SAMPLE, temp);
    }

    private void remove(String... files) throws IOException {
        for (String file : files) {
            Files.delete(folder.resolve(file));
        }
    }

    static Stream<String> questions() {
        return QUESTIONS.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("questions")
    void aMissingFileLeavesOnlyItsOwnQuestionOpen(String file) throws IOException {
        remove(file);
        Capture capture = Clones.CAPTURES.open(folder);
        assertThat(capture.missing()).extracting(Capture.Missing::file).contains(file);
        String question = capture.missing().stream()
                .filter(missing -> missing.file().equals(file))
                .map(Capture.Missing::question)
                .findFirst()
                .orElseThrow();
        assertThatThrownBy(() -> QUESTIONS.get(file).accept(capture.views()))
                .isInstanceOf(NotCaptured.class)
                .hasMessage(SAMPLE + " has no " + file + ", which tells: " + question);
        QUESTIONS.forEach((other, ask) -> {
            if (!other.equals(file)) {
                assertThatCode(() -> ask.accept(capture.views())).as(other).doesNotThrowAnyException();
            }
        });
    }

    @Test
    void anEmptyCopyIsMissing() throws IOException {
        Files.write(folder.resolve("proc-slabinfo.txt"), new byte[0]);
        Capture capture = Clones.CAPTURES.open(folder);
        assertThat(capture.missing()).extracting(Capture.Missing::file).contains("proc-slabinfo.txt");
        assertThatThrownBy(() -> capture.views().slabCaches())
                .hasMessage(SAMPLE + " has an empty proc-slabinfo.txt, which tells: caches of objects");
    }

    @Test
    void noFileTellsOfWindowsAndDmaMappings() {
        Views views = Clones.CAPTURES.open(folder).views();
        assertThatThrownBy(views::kmaps)
                .isInstanceOf(NotCaptured.class)
                .hasMessage("no file of a running kernel tells of its windows onto high memory");
        assertThatThrownBy(views::dmaMappings)
                .isInstanceOf(NotCaptured.class)
                .hasMessage("no file of a running kernel tells of its DMA mappings");
    }

    @Test
    void withoutAModuleTheListsAreMadeUpAndSaidToBe() throws IOException {
        remove("oracle-buddydump-initial.txt", "oracle-zones.txt", "oracle-const.txt");
        Capture capture = Clones.CAPTURES.open(folder);
        MachineSeed seed = capture.seed();
        assertThat(seed.exactLists()).isFalse();
        assertThat(seed.notes()).contains("free lists: as many blocks as buddyinfo counts, their places are made up");
        Clones.check(capture, seed);
    }

    @Test
    void withoutPagetypeinfoAllFreeBlocksAreMovable() throws IOException {
        remove("oracle-buddydump-initial.txt", "oracle-zones.txt", "oracle-const.txt", "proc-pagetypeinfo.txt");
        Capture capture = Clones.CAPTURES.open(folder);
        MachineSeed seed = capture.seed();
        assertThat(seed.notes()).contains("migrate types: no pagetypeinfo, all free blocks are taken for movable ones");
        Machine clone = Clones.boot(seed);
        assertThat(clone.verify().problems()).isEmpty();
        assertThat(clone.views().zones().get(0).freeBlocks())
                .isEqualTo(capture.views().zones().get(0).freeBlocks());
    }

    @Test
    void withoutBuddyinfoTheMachineBootsWithItsOwnLists() throws IOException {
        remove("oracle-buddydump-initial.txt", "proc-buddyinfo.txt", "proc-pagetypeinfo.txt");
        MachineSeed seed = Clones.CAPTURES.open(folder).seed();
        assertThat(seed.pages()).isEmpty();
        assertThat(seed.notes()).contains("free lists: not captured, the machine boots with those of its own");
        assertThat(Clones.boot(seed).verify().problems()).isEmpty();
    }

    @Test
    void withoutAMemoryMapOrAVersionThereIsNoMachine() throws IOException {
        Path only = Files.createDirectory(temp.resolve("only"));
        Files.copy(folder.resolve("proc-buddyinfo.txt"), only.resolve("buddyinfo"));
        assertThatThrownBy(() -> Clones.CAPTURES.open(only).seed())
                .isInstanceOf(NotCaptured.class)
                .hasMessage("only has no proc-version.txt, uname.txt or boot log, so its kernel version is not known");
        Files.copy(folder.resolve("uname.txt"), only.resolve("uname"));
        assertThatThrownBy(() -> Clones.CAPTURES.open(only).seed())
                .isInstanceOf(NotCaptured.class)
                .hasMessage("only has no proc-iomem.txt, boot log or proc-zoneinfo.txt, so its memory is not known");
    }

    @Test
    void aWholeCaptureMissesOnlyTheConfiguration() {
        assertThat(Clones.CAPTURES.open(folder).missing())
                .containsExactly(new Capture.Missing("config.gz", "build-time options"));
    }

    @Test
    void everyFileThatIsReadIsDescribed() throws IOException {
        String text = Files.readString(Path.of("../../docs/captures.md"));
        List<String> rows = text.substring(text.indexOf("## What each file answers"), text.indexOf("## A machine"))
                .lines()
                .filter(line -> line.startsWith("| `"))
                .toList();
        Set<String> described = rows.stream().map(row -> row.split("`")[1]).collect(Collectors.toSet());
        for (FileKind kind : FileKind.values()) {
            assertThat(described).contains(kind.usual());
            assertThat(rows)
                    .as(kind.usual())
                    .anyMatch(row -> row.contains("`" + kind.usual() + "`") && row.contains(kind.question()));
        }
        assertThat(described).hasSize(FileKind.values().length);
    }
}

package org.kmemscope.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.view.Views;

class OpeningTest {
    private static final String SAMPLE = "2.6.38.5-mlinux-slab-32M";

    @TempDir
    Path temp;

    /** Everything a capture answers, so that two can be compared. */
    private static List<Object> answers(Capture capture) {
        Views views = capture.views();
        return List.of(
                views.version(),
                views.zones(),
                views.nodeStatistics(),
                views.migrateTypes(),
                views.slabCaches(),
                views.vmapAreas(),
                views.iomem(),
                views.meminfo(),
                views.vmstat(),
                views.dmesg());
    }

    private Path folder() throws IOException {
        return Samples.folder(SAMPLE, temp);
    }

    @Test
    void folderTarAndZipAnswerTheSame() throws IOException {
        Path folder = folder();
        Capture capture = Clones.CAPTURES.open(folder);
        List<Path> archives = List.of(
                Samples.archive(SAMPLE),
                Samples.tar(folder, temp.resolve("flat.tar"), false),
                Samples.tar(folder, temp.resolve("nested.tar"), true),
                Samples.zip(folder, temp.resolve("flat.zip"), false),
                Samples.zip(folder, temp.resolve("nested.zip"), true),
                // a name tells nothing: the content does
                Files.copy(temp.resolve("nested.zip"), temp.resolve("mail-attachment")));
        assertThat(capture.files()).hasSize(15);
        for (Path archive : archives) {
            Capture other = Clones.CAPTURES.open(archive);
            assertThat(other.files()).as(archive.toString()).isEqualTo(capture.files());
            assertThat(answers(other)).as(archive.toString()).isEqualTo(answers(capture));
        }
        assertThat(Clones.CAPTURES.open(archives.get(1)).name()).isEqualTo("flat");
        assertThat(Clones.CAPTURES.open(Samples.archive(SAMPLE)).name()).isEqualTo(SAMPLE);
    }

    @Test
    void copiesUnderOtherNamesAnswerTheSame() throws IOException {
        Path folder = folder();
        List<Object> expected = answers(Clones.CAPTURES.open(folder));
        for (String pattern : List.of("%s", "proc/%s", "proc_%s", "proc-%s.log")) {
            Path copy = Samples.renamed(folder, temp.resolve("copy" + pattern.hashCode()), pattern);
            assertThat(answers(Clones.CAPTURES.open(copy))).as(pattern).isEqualTo(expected);
        }
    }

    @Test
    void aFolderOfTunablesIsReadAsOneFile() throws IOException {
        Path tunables = Files.createDirectories(temp.resolve("proc/sys/vm"));
        Files.writeString(tunables.resolve("min_free_kbytes"), "3831\n");
        Files.writeString(tunables.resolve("lowmem_reserve_ratio"), "256\t32\t32\n");
        Files.writeString(temp.resolve("proc/buddyinfo"), "Node 0, zone      DMA      1      2\n");
        Capture capture = Clones.CAPTURES.open(temp);
        assertThat(capture.lines("proc-sys-vm.txt"))
                .contains(List.of("lowmem_reserve_ratio: 256\t32\t32", "min_free_kbytes: 3831"));
    }

    @Test
    void aSingleFileIsACapture() throws IOException {
        Path file = Files.copy(folder().resolve("proc-buddyinfo.txt"), temp.resolve("buddyinfo"));
        Capture capture = Clones.CAPTURES.open(file);
        assertThat(capture.files()).containsExactly("buddyinfo");
        assertThat(capture.lines("proc-buddyinfo.txt")).isEqualTo(capture.lines("buddyinfo"));
        assertThat(capture.lines("proc-zoneinfo.txt")).isEmpty();
    }

    @Test
    void whatIsNoCaptureIsRefusedInOneLine() throws IOException {
        Path readme = Files.writeString(temp.resolve("README"), "hello\n");
        Path nothing = temp.resolve("nothing");
        Path empty = Files.createDirectory(temp.resolve("empty"));
        refused(readme, "README: no capture; one is a folder, a tar, a tar.gz, a zip, or a file with a name such as");
        refused(nothing, "nothing: there is no such file or folder");
        refused(empty, "empty: no file of a capture in it; one has names such as proc-zoneinfo.txt or proc/zoneinfo");
    }

    @Test
    void twoCapturesInOneArchiveAreToldApart() throws IOException {
        Path both = Files.createDirectory(temp.resolve("both"));
        Samples.folder("3.2.0-4-vexpress-a9-1024M", both);
        Samples.folder(SAMPLE, both);
        refused(both, "more than one capture (2.6.38.5-mlinux-slab-32M, 3.2.0-4-vexpress-a9-1024M); open one of them");
    }

    @Test
    void damagedArchivesAreRefusedInOneLine() throws IOException {
        byte[] whole = Files.readAllBytes(Samples.archive(SAMPLE));
        for (int length : new int[] {3, 20, 1000, whole.length / 2, whole.length - 9}) {
            Path cut = Files.write(temp.resolve("cut" + length), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Clones.CAPTURES.open(cut))
                    .as("first %d bytes", length)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cut" + length + ": damaged archive")
                    .message()
                    .doesNotContain("\n");
        }
    }

    private static void refused(Path path, String message) {
        assertThatThrownBy(() -> Clones.CAPTURES.open(path))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void severalCapturesAreFoundInAFolder() throws IOException {
        Path several = Files.createDirectories(temp.resolve("several"));
        Path folder = folder();
        Path one = Files.move(folder, several.resolve("one"));
        Path two = Files.copy(Samples.archive(SAMPLE), several.resolve("two.tar.gz"));
        Files.writeString(several.resolve("README.md"), "what was captured");
        Files.createDirectories(several.resolve("configs"));
        Files.writeString(several.resolve("configs/config-6.1"), "CONFIG_SMP=y\n");
        assertThat(Clones.CAPTURES.find(several)).containsExactly(one, two);
        assertThat(Clones.CAPTURES.find(one)).containsExactly(one);
        assertThat(Clones.CAPTURES.find(two)).containsExactly(two);
        Path nothing = Files.createDirectories(temp.resolve("nothing"));
        assertThatThrownBy(() -> Clones.CAPTURES.find(nothing)).isInstanceOf(IllegalArgumentException.class);
    }
}

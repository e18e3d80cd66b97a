package org.kmemscope.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.view.SlabCacheView;

/**
 * The script for targets, run by the shell of this machine on copies of a captured {@code /proc} and {@code /sys}. The commands it
 * may use are the only ones on its path; {@code uname} and {@code dmesg} answer as the captured machine did.
 */
class CaptureScriptTest {
    private static final Path SCRIPT =
            Path.of("../../distribution/src/main/dist/bin/capture.sh").toAbsolutePath();
    private static final String SAMPLE = "3.8.13-odroidx-smdkc210-1024M";
    private static final List<String> COMMANDS = List.of("cat", "ls", "mkdir", "rm", "tar", "gzip");

    @TempDir
    Path temp;

    private Path captured;
    private Path root;
    private Path commands;

    @BeforeEach
    void makeRoot() throws IOException {
        assumeThat(Path.of("/bin/sh")).exists();
        captured = Samples.folder(SAMPLE, temp);
        root = Files.createDirectory(temp.resolve("root"));
        commands = Files.createDirectory(temp.resolve("commands"));
        for (String name : List.of(
                "buddyinfo",
                "pagetypeinfo",
                "zoneinfo",
                "slabinfo",
                "vmallocinfo",
                "vmstat",
                "meminfo",
                "iomem",
                "version",
                "cmdline",
                "cpuinfo")) {
            copy(captured.resolve("proc-" + name + ".txt"), root.resolve("proc/" + name));
        }
        for (String line : Files.readAllLines(captured.resolve("proc-sys-vm.txt"))) {
            String[] parts = line.split(": ", 2);
            write(root.resolve("proc/sys/vm/" + parts[0]), parts[1] + "\n");
        }
        slabFolder();
        for (String command : COMMANDS) {
            command(command, "exec " + onPath(command) + " \"$@\"");
        }
        command("uname", "[ \"$1\" = -r ] && echo 3.8.13 || cat " + captured.resolve("uname.txt"));
        command("dmesg", "cat " + captured.resolve("dmesg-boot.txt"));
    }

    private static Path onPath(String command) {
        for (String folder : List.of("/bin", "/usr/bin")) {
            if (Files.exists(Path.of(folder, command))) {
                return Path.of(folder, command);
            }
        }
        throw new org.opentest4j.TestAbortedException("there is no '" + command + "' on this machine");
    }

    private void command(String name, String body) throws IOException {
        Path file = commands.resolve(name);
        Files.deleteIfExists(file);
        write(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The attributes as files again, aliases as links. */
    private void slabFolder() throws IOException {
        Path slab = Files.createDirectories(root.resolve("sys/kernel/slab"));
        for (String line : Files.readAllLines(captured.resolve("sys-kernel-slab.txt"))) {
            String[] words = line.split(" ");
            if (words[1].startsWith("link=")) {
                Files.createSymbolicLink(slab.resolve(words[0]), Path.of(words[1].substring("link=".length())));
                continue;
            }
            for (int i = 1; i < words.length; i++) {
                String[] pair = words[i].split("=", 2);
                write(slab.resolve(words[0]).resolve(pair[0]), pair[1] + "\n");
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from, to);
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private record Run(int status, String out, String err) {}

    private Run run(String... arguments) throws IOException, InterruptedException {
        List<String> words = new java.util.ArrayList<>(List.of("/bin/sh", SCRIPT.toString()));
        words.addAll(List.of(arguments));
        Path out = temp.resolve("out.txt");
        Path err = temp.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(temp.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", commands.toString());
        builder.environment().put("ROOT", root.toString());
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("done in time").isTrue();
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @Test
    void whatItPacksAnswersAsTheMachineItself() throws IOException, InterruptedException {
        Run run = run("board");
        assertThat(run).isEqualTo(new Run(0, "board.tar.gz\n", "could not be read: /proc/config.gz\n"));
        assertThat(temp.resolve("board")).doesNotExist();
        Capture made = Clones.CAPTURES.open(temp.resolve("board.tar.gz"));
        Capture original = Clones.CAPTURES.open(captured);
        assertThat(made.views().zones()).isEqualTo(original.views().zones());
        assertThat(made.views().vmapAreas()).isEqualTo(original.views().vmapAreas());
        assertThat(made.views().dmesg()).isEqualTo(original.views().dmesg());
        assertThat(made.views().version()).isEqualTo(original.views().version());
        Map<String, Map<String, String>> expected = attributes(original);
        attributes(made)
                .forEach((name, attributes) ->
                        assertThat(attributes).as(name).isNotEmpty().isEqualTo(expected.get(name)));
        assertThat(made.lines("proc-sys-vm.txt").orElseThrow())
                .anyMatch(line -> line.startsWith("min_free_kbytes: 3514"))
                .allMatch(line -> line.matches("[\\w-]+: .*"));
        assertThat(made.missing()).extracting(Capture.Missing::file).containsExactly("config.gz");
        Clones.check(made, made.seed());
    }

    /** An alias was read at another moment than its cache when the copies were made: of it only the layout is compared. */
    private static Map<String, Map<String, String>> attributes(Capture capture) {
        Map<String, Map<String, String>> caches = new TreeMap<>();
        for (SlabCacheView cache : capture.views().slabCaches()) {
            Map<String, String> attributes = new TreeMap<>(cache.attributes());
            if (attributes.containsKey("link")) {
                attributes.keySet().retainAll(Set.of("link", "object_size", "slab_size", "order", "align"));
            }
            caches.put(cache.name(), attributes);
        }
        return caches;
    }

    @Test
    void theConfigurationIsTakenFromWhereItIs() throws IOException, InterruptedException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(root.resolve("proc/config.gz")))) {
            out.write("CONFIG_HIGHMEM4G=y\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        assertThat(run("one")).isEqualTo(new Run(0, "one.tar.gz\n", ""));
        assertThat(Clones.CAPTURES.open(temp.resolve("one.tar.gz")).lines("config.gz"))
                .contains(List.of("CONFIG_HIGHMEM4G=y"));
        Files.delete(root.resolve("proc/config.gz"));
        write(root.resolve("boot/config-3.8.13"), "CONFIG_HIGHMEM=y\n");
        assertThat(run("two")).isEqualTo(new Run(0, "two.tar.gz\n", ""));
        assertThat(Clones.CAPTURES.open(temp.resolve("two.tar.gz")).lines("config.gz"))
                .contains(List.of("CONFIG_HIGHMEM=y"));
    }

    @Test
    void bootMessagesThatTheKernelForgotComeFromTheLogDaemon() throws IOException, InterruptedException {
        command("dmesg", "echo '[ 9999.000000] usb 1-1: new device'");
        copy(captured.resolve("dmesg-boot.txt"), root.resolve("var/log/dmesg"));
        assertThat(run("late").status()).isZero();
        Capture made = Clones.CAPTURES.open(temp.resolve("late.tar.gz"));
        assertThat(made.views().dmesg())
                .isEqualTo(Clones.CAPTURES.open(captured).views().dmesg());
        assertThat(made.lines("dmesg.txt")).contains(List.of("[ 9999.000000] usb 1-1: new device"));
    }

    @Test
    void whatCannotBeReadIsNamedAndLeftOut() throws IOException, InterruptedException {
        Files.delete(root.resolve("proc/pagetypeinfo"));
        Files.write(root.resolve("proc/slabinfo"), new byte[0]);
        Run run = run("user");
        assertThat(run.err()).isEqualTo("could not be read: /proc/pagetypeinfo /proc/slabinfo /proc/config.gz\n");
        Capture made = Clones.CAPTURES.open(temp.resolve("user.tar.gz"));
        assertThat(made.missing())
                .extracting(Capture.Missing::file)
                .containsExactly("proc-pagetypeinfo.txt", "proc-slabinfo.txt", "config.gz");
    }

    @Test
    void withoutGzipAndTarLessIsPacked() throws IOException, InterruptedException {
        Files.delete(commands.resolve("gzip"));
        assertThat(run("plain").out()).isEqualTo("plain.tar\n");
        Files.delete(commands.resolve("tar"));
        assertThat(run("folder").out()).isEqualTo("folder\n");
        assertThat(Clones.CAPTURES.open(temp.resolve("folder")).views().zones())
                .isEqualTo(
                        Clones.CAPTURES.open(temp.resolve("plain.tar")).views().zones());
    }

    @Test
    void theNameIsThatOfTheKernelUnlessItIsGivenAndNothingIsOverwritten() throws IOException, InterruptedException {
        assertThat(run().out()).isEqualTo("capture-3.8.13.tar.gz\n");
        Run again = run();
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.err())
                .isEqualTo("capture.sh: capture-3.8.13 is already there; give another name or remove it\n");
        assertThat(run("--help")).isEqualTo(new Run(2, "", "usage: sh capture.sh [NAME]\n"));
    }
}

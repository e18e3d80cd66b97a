package org.kmemscope.shell.print;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.kmemscope.api.ground.KernelVersion;

/** Captures of real kernels among the test resources: a folder each, named by version. */
record CapturedFiles(Path folder) {
    private static final Path ROOT = Path.of("src/test/resources/org/kmemscope/shell/print/captures");

    static Stream<CapturedFiles> all() {
        try (Stream<Path> folders = Files.list(ROOT)) {
            return folders.filter(Files::isDirectory).sorted().toList().stream().map(CapturedFiles::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    KernelVersion version() {
        return KernelVersion.parse(folder.getFileName().toString());
    }

    boolean has(String file) {
        return Files.exists(folder.resolve("proc-" + file + ".txt"));
    }

    String text(String file) {
        try {
            return Files.readString(folder.resolve("proc-" + file + ".txt"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return folder.getFileName().toString();
    }
}

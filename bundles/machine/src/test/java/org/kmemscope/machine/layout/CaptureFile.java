package org.kmemscope.machine.layout;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Facts of one captured boot: which machine it was, and what its kernel printed. Lines begin with what they tell: {@code machine},
 * {@code layout}, {@code const}, {@code zone}, {@code iomem}, {@code pageblock_order}, {@code orders}.
 */
record CaptureFile(String name, List<String> lines) {
    static Stream<CaptureFile> all() {
        try {
            Path folder = Path.of(CaptureFile.class.getResource("captures").toURI());
            try (Stream<Path> files = Files.list(folder)) {
                return files.sorted().map(CaptureFile::read).toList().stream();
            }
        } catch (IOException | java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static CaptureFile read(Path file) {
        try {
            return new CaptureFile(file.getFileName().toString().replace(".txt", ""), Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What follows a word at the begin of lines. */
    List<String> told(String word) {
        return lines.stream()
                .filter(line -> line.startsWith(word + " "))
                .map(line -> line.substring(word.length() + 1))
                .toList();
    }

    String machine() {
        return told("machine").get(0);
    }

    @Override
    public String toString() {
        return name;
    }
}

package org.kmemscope.fidelity;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;

/** A folder with a machine of the resources and one vector in which something was changed. */
final class ChangedVector {
    private ChangedVector() {}

    /**
     * Makes it.
     *
     * @param file name of the vector, without {@code .gz}
     * @param change what is done to its lines
     */
    static Path of(Path temporary, String machine, String file, Consumer<List<String>> change) {
        Path from = VectorTest.FOLDER.resolve(machine);
        Path to = temporary.resolve(machine);
        try {
            Files.createDirectories(to);
            for (String beside : List.of("info.txt", "dmesg-boot.txt.gz", "vec-vmalloc.txt.gz")) {
                Files.copy(from.resolve(beside), to.resolve(beside));
            }
            List<String> lines = lines(from.resolve(file + ".gz"));
            change.accept(lines);
            Files.deleteIfExists(to.resolve(file + ".gz"));
            Files.write(to.resolve(file), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return to;
    }

    /** Changes the first line that begins with a text. */
    static Consumer<List<String>> line(String start, UnaryOperator<String> change) {
        return lines -> {
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).startsWith(start)) {
                    lines.set(i, change.apply(lines.get(i)));
                    return;
                }
            }
            throw new IllegalArgumentException("no line begins with " + start);
        };
    }

    private static List<String> lines(Path file) throws IOException {
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            return new ArrayList<>(in.lines().toList());
        }
    }
}

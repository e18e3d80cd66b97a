package org.kmemscope.slab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * What {@code /proc/slabinfo} of a real kernel said of the shape of each cache, in its order.
 *
 * @param machines machines it was captured on
 * @param rows one line for each cache
 */
record SlabinfoFile(String name, List<String> machines, List<Row> rows) {
    /** The columns of a cache that do not change with time. */
    record Row(String name, int size, int objects, int pages, int limit, int batch, int shared) {
        private static Row parse(String line) {
            String[] words = line.split("\\s+", 7);
            int[] numbers =
                    Arrays.stream(words).limit(6).mapToInt(Integer::parseInt).toArray();
            return new Row(words[6], numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
        }

        /** Whether it is one of those that are there when the allocator has come up. */
        boolean isGeneral() {
            return name.startsWith("size-") || name.equals("kmem_cache");
        }
    }

    static Stream<SlabinfoFile> all() {
        try {
            Path folder = Path.of(SlabinfoFile.class.getResource("slabinfo").toURI());
            try (Stream<Path> files = Files.list(folder)) {
                return files.sorted().map(SlabinfoFile::read).toList().stream();
            }
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SlabinfoFile read(Path file) {
        try {
            List<String> lines = Files.readAllLines(file).stream()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
            String word = "machine ";
            return new SlabinfoFile(
                    file.getFileName().toString(),
                    lines.stream()
                            .filter(line -> line.startsWith(word))
                            .map(line -> line.substring(word.length()))
                            .distinct()
                            .toList(),
                    lines.stream()
                            .filter(line -> !line.startsWith(word))
                            .map(Row::parse)
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}

package org.kmemscope.slab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Data files beside the tests. */
final class TestResources {
    private TestResources() {}

    /** The lines of a file, without comments. */
    static List<String> lines(String file) {
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(TestResources.class.getResourceAsStream(file), StandardCharsets.UTF_8))) {
            return in.lines().filter(line -> !line.startsWith("#")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

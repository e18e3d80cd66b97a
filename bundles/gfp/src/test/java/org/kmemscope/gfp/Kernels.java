package org.kmemscope.gfp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;

/** Tables and captures for the tests. */
final class Kernels {
    /** One release of each stretch in which nothing changes, and some in between; with stable releases. */
    static final List<String> RELEASES = List.of(
            "2.6.24.3",
            "2.6.29",
            "2.6.30",
            "2.6.31",
            "2.6.32",
            "2.6.34",
            "2.6.38.5",
            "2.6.39",
            "3.0.15",
            "3.1.10",
            "3.2",
            "3.3.8",
            "3.4.67",
            "3.5",
            "3.6",
            "3.7",
            "3.8.13",
            "3.10",
            "3.15",
            "3.16",
            "4.0",
            "4.1",
            "4.4",
            "4.5",
            "4.6",
            "4.8",
            "4.9",
            "4.10",
            "4.12",
            "4.13",
            "4.14",
            "4.15",
            "4.17",
            "4.18",
            "4.19",
            "5.0",
            "5.1",
            "5.10",
            "5.13",
            "5.14",
            "5.18",
            "6.1",
            "6.2",
            "6.3",
            "6.4",
            "6.7",
            "6.16");

    /** Every option that changes a number. */
    static final List<String> FLAG_OPTIONS = List.of("KMEMCHECK", "LOCKDEP", "KASAN_HW_TAGS");

    private static final EraGfpProvider PROVIDER = new EraGfpProvider();

    private Kernels() {}

    static GfpTable table(String release, String... options) {
        return PROVIDER.table(KernelVersion.parse(release), config(options));
    }

    static KernelConfig config(String... options) {
        Map<String, String> on = new HashMap<>();
        for (String option : options) {
            on.put(option, "y");
        }
        return new KernelConfig(on);
    }

    /** An i386 kernel with high memory, as most are. */
    static GfpTable i386(String release) {
        return table(release, "ZONE_DMA", "HIGHMEM4G");
    }

    /** Lines of a captured file without comments; {@code # CONFIG_X is not set} is one. */
    static List<String> capture(String name) {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(Kernels.class.getResourceAsStream(name), StandardCharsets.UTF_8))) {
            return reader.lines()
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

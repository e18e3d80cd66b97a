package org.kmemscope.shell.print;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.kmemscope.api.debug.WorkMeasure.Fragmentation;

/** The files of {@code /sys/kernel/debug/extfrag}, which kernels from 2.6.35 on have ({@code extfrag_show_print()}). */
public final class ExtfragPrinter {
    private static final int SCALE = 1000;

    private ExtfragPrinter() {}

    /** {@code unusable_index}. */
    public static String unusable(List<Fragmentation> zones) {
        return text(zones, Fragmentation::unusable);
    }

    /** {@code extfrag_index}. */
    public static String fragmentation(List<Fragmentation> zones) {
        return text(zones, Fragmentation::fragmentation);
    }

    private static String text(List<Fragmentation> zones, Function<Fragmentation, List<Integer>> indices) {
        StringBuilder out = new StringBuilder();
        for (Fragmentation zone : zones) {
            out.append(String.format(Locale.ROOT, "Node 0, zone %8s ", zone.zone()));
            for (int index : indices.apply(zone)) {
                out.append(String.format(Locale.ROOT, "%d.%03d ", index / SCALE, Math.abs(index % SCALE)));
            }
            out.append('\n');
        }
        return out.toString();
    }
}

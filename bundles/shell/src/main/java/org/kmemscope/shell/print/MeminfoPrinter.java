package org.kmemscope.shell.print;

import java.util.List;
import java.util.Locale;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.view.CounterView;

/**
 * {@code /proc/meminfo}. Names and values stand in columns; 2.6.28 made the first wider. Counts of huge pages have no unit.
 *
 * <pre>
 *   MemTotal:      1034924 kB      up to 2.6.27
 *   MemTotal:        1032876 kB    later
 * </pre>
 */
public final class MeminfoPrinter {
    private static final String HUGE_COUNT = "HugePages_";

    private MeminfoPrinter() {}

    /** The text of the file. */
    public static String text(KernelVersion version, List<CounterView> counters) {
        boolean wide = version.isAtLeast(2, 6, 28);
        StringBuilder out = new StringBuilder();
        for (CounterView counter : counters) {
            boolean count = counter.name().startsWith(HUGE_COUNT);
            String format = count ? wide ? "%-19s%5d" : "%-17s%5d" : wide ? "%-16s%8d kB" : "%-14s%8d kB";
            out.append(String.format(Locale.ROOT, format, counter.name() + ":", counter.value()))
                    .append('\n');
        }
        return out.toString();
    }
}

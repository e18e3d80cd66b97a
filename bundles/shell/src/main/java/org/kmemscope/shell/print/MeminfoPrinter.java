package org.kmemscope.shell.print;

import java.util.List;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.view.CounterView;

/**
 * {@code /proc/meminfo}. Values end in one column, which 2.6.28 moved to the right; counts of huge pages have no unit.
 *
 * <pre>
 *   MemTotal:      1034924 kB      HugePages_Total:     0      up to 2.6.27: column 22
 *   MemTotal:        1032876 kB    HugePages_Total:       0    later: column 24
 * </pre>
 */
public final class MeminfoPrinter {
    private static final String HUGE_COUNT = "HugePages_";
    private static final int OLD_COLUMN = 22;
    private static final int COLUMN = 24;

    private MeminfoPrinter() {}

    /** The text of the file. */
    public static String text(KernelVersion version, List<CounterView> counters) {
        int column = version.isAtLeast(2, 6, 28) ? COLUMN : OLD_COLUMN;
        StringBuilder out = new StringBuilder();
        for (CounterView counter : counters) {
            String name = counter.name() + ":";
            String value = String.valueOf(counter.value());
            out.append(name)
                    .append(" ".repeat(Math.max(1, column - name.length() - value.length())))
                    .append(value)
                    .append(counter.name().startsWith(HUGE_COUNT) ? "\n" : " kB\n");
        }
        return out.toString();
    }
}

package org.kmemscope.shell.print;

import java.util.List;
import org.kmemscope.api.view.CounterView;

/** {@code /proc/vmstat}: a name and a number. */
public final class VmstatPrinter {
    private VmstatPrinter() {}

    /** The text of the file. */
    public static String text(List<CounterView> counters) {
        StringBuilder out = new StringBuilder();
        counters.forEach(counter ->
                out.append(counter.name()).append(' ').append(counter.value()).append('\n'));
        return out.toString();
    }
}

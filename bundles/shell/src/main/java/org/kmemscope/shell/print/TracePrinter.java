package org.kmemscope.shell.print;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.kmemscope.api.ground.KernelVersion;

/**
 * Events in ftrace's text layout ({@code trace} in tracefs). The columns of context came with 3.3, a fifth one with 5.14:
 *
 * <pre>
 *             init-1     [000]     4.596436: kmalloc: ...
 *             init-1     [000] ...1     7.208189: kmalloc: ...
 *             init-1       [000] .....    12.308183: kmalloc: ...
 * </pre>
 */
public final class TracePrinter {
    private static final long MICROS = 1_000_000;
    private static final int PREEMPT_MASK = 0xff;
    private static final int SOFTIRQ_MASK = 0xff00;
    private static final int HARDIRQ_SHIFT = 16;

    private static final String PLAIN = """
            # tracer: nop
            #
            #           TASK-PID    CPU#    TIMESTAMP  FUNCTION
            #              | |       |          |         |
            """;
    private static final String FOUR_COLUMNS = """
            # tracer: nop
            #
            # entries-in-buffer/entries-written: %d/%d   #P:%d
            #
            #                              _-----=> irqs-off
            #                             / _----=> need-resched
            #                            | / _---=> hardirq/softirq
            #                            || / _--=> preempt-depth
            #                            ||| /     delay
            #           TASK-PID   CPU#  ||||    TIMESTAMP  FUNCTION
            #              | |       |   ||||       |         |
            """;
    private static final String FIVE_COLUMNS = """
            # tracer: nop
            #
            # entries-in-buffer/entries-written: %d/%d   #P:%d
            #
            #                                _-----=> irqs-off/BH-disabled
            #                               / _----=> need-resched
            #                              | / _---=> hardirq/softirq
            #                              || / _--=> preempt-depth
            #                              ||| / _-=> migrate-disable
            #                              |||| /     delay
            #           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
            #              | |         |   |||||     |         |
            """;

    /**
     * An event.
     *
     * @param sequence number of the event on its machine
     * @param micros time since boot
     * @param cpu index of the CPU
     * @param pid process id of the task
     * @param comm name of the task
     * @param preemptCount {@code preempt_count()}
     * @param irqsDisabled whether interrupts were off
     * @param event name
     * @param fields values by name, printed
     */
    public record Event(
            long sequence,
            long micros,
            int cpu,
            int pid,
            String comm,
            int preemptCount,
            boolean irqsDisabled,
            String event,
            Map<String, String> fields) {}

    private TracePrinter() {}

    /**
     * The text of the file.
     *
     * @param written events there were, those that the ring has lost included
     */
    public static String text(KernelVersion version, List<Event> events, long written, int cpus) {
        boolean columns = version.isAtLeast(3, 3);
        boolean five = version.isAtLeast(5, 14);
        StringBuilder out = new StringBuilder();
        out.append(
                columns
                        ? String.format(Locale.ROOT, five ? FIVE_COLUMNS : FOUR_COLUMNS, events.size(), written, cpus)
                        : PLAIN);
        for (Event event : events) {
            out.append(String.format(
                    Locale.ROOT,
                    five ? "%16s-%-7d [%03d] " : "%16s-%-5d [%03d] ",
                    event.comm(),
                    event.pid(),
                    event.cpu()));
            if (columns) {
                out.append(context(event)).append(five ? ". " : " ");
            }
            out.append(String.format(
                    Locale.ROOT, "%5d.%06d: %s: ", event.micros() / MICROS, event.micros() % MICROS, event.event()));
            out.append(event.fields().entrySet().stream()
                            .map(field -> field.getKey() + "=" + field.getValue())
                            .collect(Collectors.joining(" ")))
                    .append('\n');
        }
        return out.toString();
    }

    /** Interrupts off, need to reschedule, which interrupt, how deep preemption is off. */
    private static String context(Event event) {
        boolean hard = event.preemptCount() >>> HARDIRQ_SHIFT != 0;
        boolean soft = (event.preemptCount() & SOFTIRQ_MASK) != 0;
        int depth = event.preemptCount() & PREEMPT_MASK;
        return (event.irqsDisabled() ? "d" : ".")
                + "."
                + (hard ? soft ? "H" : "h" : soft ? "s" : ".")
                + (depth == 0 ? "." : Integer.toHexString(depth));
    }
}

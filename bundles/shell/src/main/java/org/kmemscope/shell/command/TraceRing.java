package org.kmemscope.shell.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.trace.CallSites;
import org.kmemscope.api.trace.TraceListener;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.shell.print.TracePrinter.Event;

/**
 * The last events of a machine, in a ring of flat arrays: an event costs no object.
 *
 * <pre>
 *   slot | point sequence jiffies cpu pid comm preempt_count irqs_off | value 0 .. value 7
 * </pre>
 */
final class TraceRing implements TraceListener {
    private static final int POINT = 0;
    private static final int SEQUENCE = 1;
    private static final int JIFFIES = 2;
    private static final int CPU = 3;
    private static final int PID = 4;
    private static final int COMM = 5;
    private static final int PREEMPT_COUNT = 6;
    private static final int IRQS_OFF = 7;
    private static final int VALUES = 8;
    private static final int WIDTH = 16;
    private static final long MICROS = 1_000_000;
    private static final TracePoint[] POINTS = TracePoint.values();

    private final Machine machine;
    private final CallSites texts;
    private final int capacity;
    private final long[] slots;
    private long written;

    TraceRing(Machine machine, int capacity) {
        this.machine = machine;
        this.texts = machine.trace().callSites();
        this.capacity = capacity;
        this.slots = new long[Math.multiplyExact(capacity, WIDTH)];
    }

    @Override
    public void event(TracePoint point, Header header, long[] values) {
        int at = (int) (written++ % capacity) * WIDTH;
        slots[at + POINT] = point.ordinal();
        slots[at + SEQUENCE] = header.sequence();
        slots[at + JIFFIES] = header.jiffies();
        slots[at + CPU] = header.cpu();
        slots[at + PID] = header.pid();
        slots[at + COMM] = texts.id(header.comm());
        slots[at + PREEMPT_COUNT] = header.preemptCount();
        slots[at + IRQS_OFF] = header.irqsDisabled() ? 1 : 0;
        System.arraycopy(values, 0, slots, at + VALUES, WIDTH - VALUES);
    }

    long written() {
        return written;
    }

    void clear() {
        written = 0;
    }

    /** The events that are left, oldest first. */
    List<Event> events() {
        List<Event> events = new ArrayList<>();
        for (long number = Math.max(0, written - capacity); number < written; number++) {
            events.add(event((int) (number % capacity) * WIDTH));
        }
        return events;
    }

    private Event event(int at) {
        TracePoint point = POINTS[(int) slots[at + POINT]];
        Map<String, String> fields = new LinkedHashMap<>();
        for (int i = 0; i < point.fields().size(); i++) {
            TracePoint.Field field = point.fields().get(i);
            fields.put(field.name(), print(field.kind(), slots[at + VALUES + i]));
        }
        return new Event(
                slots[at + SEQUENCE],
                slots[at + JIFFIES] * MICROS / machine.clock().hz(),
                (int) slots[at + CPU],
                (int) slots[at + PID],
                texts.text(slots[at + COMM]),
                (int) slots[at + PREEMPT_COUNT],
                slots[at + IRQS_OFF] != 0,
                point.event(),
                fields);
    }

    private String print(TracePoint.Field.Kind kind, long value) {
        return switch (kind) {
            case DEC -> Long.toString(value);
            case PTR -> String.format("%08x", value);
            case PFN -> String.format("0x%x", value);
            case GFP -> machine.gfp().format((int) value);
            case SITE, TEXT -> texts.text(value);
        };
    }
}

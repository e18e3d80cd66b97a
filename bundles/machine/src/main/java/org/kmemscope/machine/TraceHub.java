package org.kmemscope.machine;

import java.util.Arrays;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.trace.CallSites;
import org.kmemscope.api.trace.TraceListener;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;

/** Hands events to listeners. A bit for each tracepoint says whether it has any, so that a silent one costs a test. */
final class TraceHub implements Tracepoints, TraceListener.Header, Stateful {
    private static final int MAX_VALUES = 8;

    private final TraceListener[][] listeners = new TraceListener[TracePoint.values().length][0];
    private final TextTable texts = new TextTable();
    private final MachineContext context;
    private final TickClock clock;
    private final KernelLog log;
    private final long[] values = new long[MAX_VALUES];
    private long heard;
    /** Listeners that are being told right now: no state, as it is 0 between calls. */
    private int telling;

    private long sequence;

    TraceHub(MachineContext context, TickClock clock, KernelLog log) {
        this.context = context;
        this.clock = clock;
        this.log = log;
    }

    @Override
    public boolean on(TracePoint point) {
        return (heard & 1L << point.ordinal()) != 0;
    }

    @Override
    public void fire(TracePoint point, long a) {
        fire(point, a, 0, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public void fire(TracePoint point, long a, long b) {
        fire(point, a, b, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public void fire(TracePoint point, long a, long b, long c) {
        fire(point, a, b, c, 0, 0, 0, 0, 0);
    }

    @Override
    public void fire(TracePoint point, long a, long b, long c, long d) {
        fire(point, a, b, c, d, 0, 0, 0, 0);
    }

    @Override
    public void fire(TracePoint point, long a, long b, long c, long d, long e) {
        fire(point, a, b, c, d, e, 0, 0, 0);
    }

    @Override
    public void fire(TracePoint point, long a, long b, long c, long d, long e, long f) {
        fire(point, a, b, c, d, e, f, 0, 0);
    }

    @Override
    @SuppressWarnings("checkstyle:ParameterNumber")
    public void fire(TracePoint point, long a, long b, long c, long d, long e, long f, long g, long h) {
        sequence++;
        values[0] = a;
        values[1] = b;
        values[2] = c;
        values[3] = d;
        values[4] = e;
        values[5] = f;
        values[6] = g;
        values[7] = h;
        telling++;
        try {
            for (TraceListener listener : listeners[point.ordinal()]) {
                tell(listener, point);
            }
        } finally {
            telling--;
        }
    }

    private void tell(TraceListener listener, TracePoint point) {
        try {
            listener.event(point, this, values);
        } catch (RuntimeException failure) {
            silence(listener);
            log.printk(KernelLog.ERR, "trace: a listener failed at " + point.label() + " and was removed: " + failure);
        }
    }

    /** Whether this is called by a listener, in the middle of whatever it hears of. */
    boolean isTelling() {
        return telling > 0;
    }

    @Override
    public void listen(TraceListener listener, TracePoint... points) {
        for (TracePoint point : points) {
            TraceListener[] old = listeners[point.ordinal()];
            if (!Arrays.asList(old).contains(listener)) {
                TraceListener[] more = Arrays.copyOf(old, old.length + 1);
                more[old.length] = listener;
                listeners[point.ordinal()] = more;
                heard |= 1L << point.ordinal();
            }
        }
    }

    @Override
    public void silence(TraceListener listener) {
        for (TracePoint point : TracePoint.values()) {
            TraceListener[] left = Arrays.stream(listeners[point.ordinal()])
                    .filter(other -> other != listener)
                    .toArray(TraceListener[]::new);
            listeners[point.ordinal()] = left;
            if (left.length == 0) {
                heard &= ~(1L << point.ordinal());
            }
        }
    }

    @Override
    public long sequence() {
        return sequence;
    }

    @Override
    public CallSites callSites() {
        return texts;
    }

    @Override
    public long jiffies() {
        return clock.jiffies();
    }

    @Override
    public int cpu() {
        return context.cpu();
    }

    @Override
    public int pid() {
        return context.pid();
    }

    @Override
    public String comm() {
        return context.comm();
    }

    @Override
    public int preemptCount() {
        return context.preemptCount();
    }

    @Override
    public boolean irqsDisabled() {
        return context.irqsDisabled();
    }

    @Override
    public int callSite() {
        return context.callSite();
    }

    /** The counter and the texts; listeners belong to whoever looks at this machine and are not copied. */
    @Override
    public void save(StateWriter out) {
        out.putLong(sequence);
        texts.save(out);
    }

    @Override
    public void restore(StateReader in) {
        sequence = in.getLong();
        texts.restore(in);
    }
}

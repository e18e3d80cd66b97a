package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.machine.exchange.ExchangeSite;

/** Time in ticks, and the timers that wait for one. Timers due at the same tick run in the order they were set. */
final class TickClock implements ExchangeSite.Timers, Stateful {
    private final int hz;
    private final MachineContext context;
    private final Map<String, TimerHandler> handlers = new HashMap<>();
    private final List<Timer> timers = new ArrayList<>();
    private long jiffies;
    private long timersSet;

    private record Timer(long due, long number, String handler, long argument) {}

    TickClock(int hz, MachineContext context) {
        this.hz = hz;
        this.context = context;
    }

    @Override
    public long jiffies() {
        return jiffies;
    }

    @Override
    public int hz() {
        return hz;
    }

    long micros() {
        return jiffies * 1_000_000 / hz;
    }

    @Override
    public void register(String name, TimerHandler handler) {
        if (handlers.put(name, handler) != null) {
            throw new IllegalStateException("two timer handlers are called " + name);
        }
    }

    @Override
    public void unregister(String name) {
        handlers.remove(name);
        timers.removeIf(timer -> timer.handler.equals(name));
    }

    @Override
    public void schedule(long ticks, String name, long argument) {
        if (ticks < 1 || !handlers.containsKey(name)) {
            throw new IllegalArgumentException("no timer " + name + " in " + ticks + " ticks");
        }
        timers.add(new Timer(jiffies + ticks, timersSet++, name, argument));
    }

    /** Lets time pass, tick by tick; timers that are due run in softirq context. */
    void advance(long ticks) {
        long end = jiffies + ticks;
        while (true) {
            Timer next = timers.stream()
                    .min(Comparator.comparingLong(Timer::due).thenComparingLong(Timer::number))
                    .orElse(null);
            if (next == null || next.due > end) {
                break;
            }
            timers.remove(next);
            jiffies = next.due;
            context.enterSoftirq();
            try {
                handlers.get(next.handler).due(next.argument);
            } finally {
                context.exitSoftirq();
            }
        }
        jiffies = end;
    }

    @Override
    public void save(StateWriter out) {
        out.putLong(jiffies);
        out.putLong(timersSet);
        out.putInt(timers.size());
        for (Timer timer : timers) {
            out.putLong(timer.due);
            out.putLong(timer.number);
            out.putString(timer.handler);
            out.putLong(timer.argument);
        }
    }

    @Override
    public void restore(StateReader in) {
        jiffies = in.getLong();
        timersSet = in.getLong();
        timers.clear();
        for (int i = in.getInt(); i > 0; i--) {
            timers.add(new Timer(in.getLong(), in.getLong(), in.getString(), in.getLong()));
        }
    }
}

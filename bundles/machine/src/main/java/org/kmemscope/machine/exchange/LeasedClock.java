package org.kmemscope.machine.exchange;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kmemscope.api.ground.Clock;

/** The clock as one allocator sees it: what it has registered is taken off when it leaves. */
final class LeasedClock implements Clock {
    private final ExchangeSite.Timers clock;
    private final Map<String, TimerHandler> handlers = new LinkedHashMap<>();

    LeasedClock(ExchangeSite.Timers clock) {
        this.clock = clock;
    }

    @Override
    public long jiffies() {
        return clock.jiffies();
    }

    @Override
    public int hz() {
        return clock.hz();
    }

    @Override
    public void register(String name, TimerHandler handler) {
        clock.register(name, handler);
        handlers.put(name, handler);
    }

    @Override
    public void schedule(long ticks, String name, long argument) {
        clock.schedule(ticks, name, argument);
    }

    /** The lease ends: nothing that was registered will run. */
    void end() {
        handlers.keySet().forEach(clock::unregister);
    }

    /** The lease goes on; what had been scheduled comes back with the state of the clock. */
    void renew() {
        handlers.forEach(clock::register);
    }
}

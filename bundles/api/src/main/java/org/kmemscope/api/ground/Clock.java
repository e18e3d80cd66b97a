package org.kmemscope.api.ground;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/** The time of a machine, in ticks ({@code jiffies}) that only the machine advances, and what is due at which tick. */
@ProviderType
public interface Clock {
    /** Ticks since boot. */
    long jiffies();

    /** Ticks per second ({@code HZ}). */
    int hz();

    /** Names a handler once, when the machine is built. */
    void register(String name, TimerHandler handler);

    /**
     * Lets a handler run, in softirq context, when {@code ticks} have passed.
     *
     * @param ticks at least 1
     * @param name a registered handler
     * @param argument given to it
     */
    void schedule(long ticks, String name, long argument);

    /** What runs when a timer is due. */
    @ConsumerType
    interface TimerHandler {
        /**
         * The time has come.
         *
         * @param argument what {@link Clock#schedule} was given
         */
        void due(long argument);
    }
}

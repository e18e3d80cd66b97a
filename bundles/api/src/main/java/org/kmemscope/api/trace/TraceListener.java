package org.kmemscope.api.trace;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Hears of events, under the machine's lock, in order. A listener must not call the kernel. It gets primitives, so that a recorder
 * need not allocate.
 */
@ConsumerType
public interface TraceListener {
    /**
     * An event.
     *
     * @param point which
     * @param header who and when
     * @param values as {@link TracePoint#fields} says; the array is reused for the next event
     */
    void event(TracePoint point, Header header, long[] values);

    /** Who and when. The object is reused for the next event. */
    @org.osgi.annotation.versioning.ProviderType
    interface Header {
        /** Number of the event, from 1. */
        long sequence();

        /** Ticks since boot. */
        long jiffies();

        /** Index of the CPU. */
        int cpu();

        /** Process id of the current task. */
        int pid();

        /** Name of the current task. */
        String comm();

        /** {@code preempt_count()} at that moment. */
        int preemptCount();

        /** Whether interrupts were off. */
        boolean irqsDisabled();

        /** Where the outermost kernel call came from. */
        int callSite();
    }
}

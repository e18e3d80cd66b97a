package org.kmemscope.api.trace;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The tracepoints of a machine. A part that has something to tell asks {@link #on} first, so that an event nobody listens to costs
 * one predictable branch:
 *
 * <pre>{@code
 * if (trace.on(TracePoint.KFREE)) {
 *     trace.fire(TracePoint.KFREE, context.callSite(), ptr);
 * }
 * }</pre>
 *
 * <p>Events are numbered by one counter for the whole machine, which counts every event that somebody listened to.
 */
@ProviderType
public interface Tracepoints {
    /** Whether anybody listens to an event. */
    boolean on(TracePoint point);

    /** Tells the listeners of an event. */
    void fire(TracePoint point, long a);

    /** Tells the listeners of an event. */
    void fire(TracePoint point, long a, long b);

    /** Tells the listeners of an event. */
    void fire(TracePoint point, long a, long b, long c);

    /** Tells the listeners of an event. */
    void fire(TracePoint point, long a, long b, long c, long d);

    /** Tells the listeners of an event. */
    void fire(TracePoint point, long a, long b, long c, long d, long e);

    /** Tells the listeners of an event. */
    void fire(TracePoint point, long a, long b, long c, long d, long e, long f);

    /** Tells the listeners of an event. */
    @SuppressWarnings("checkstyle:ParameterNumber")
    void fire(TracePoint point, long a, long b, long c, long d, long e, long f, long g, long h);

    /** Adds a listener to some events. A listener that throws is removed, with a line in the machine's log. */
    void listen(TraceListener listener, TracePoint... points);

    /** Removes a listener from all events. */
    void silence(TraceListener listener);

    /** Number of the last event. */
    long sequence();

    /** Texts and places that events name by id. */
    CallSites callSites();
}

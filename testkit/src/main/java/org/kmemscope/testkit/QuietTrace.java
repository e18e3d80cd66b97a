package org.kmemscope.testkit;

import org.kmemscope.api.trace.CallSites;
import org.kmemscope.api.trace.TraceListener;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;

/** Tracepoints that nobody listens to: an event that is fired all the same was not asked for. */
final class QuietTrace implements Tracepoints {
    private static IllegalStateException unasked(TracePoint point) {
        return new IllegalStateException("event " + point.label() + " is fired though nobody listens to it");
    }

    @Override
    public boolean on(TracePoint point) {
        return false;
    }

    @Override
    public void fire(TracePoint point, long a) {
        throw unasked(point);
    }

    @Override
    public void fire(TracePoint point, long a, long b) {
        throw unasked(point);
    }

    @Override
    public void fire(TracePoint point, long a, long b, long c) {
        throw unasked(point);
    }

    @Override
    public void fire(TracePoint point, long a, long b, long c, long d) {
        throw unasked(point);
    }

    @Override
    public void fire(TracePoint point, long a, long b, long c, long d, long e) {
        throw unasked(point);
    }

    @Override
    public void fire(TracePoint point, long a, long b, long c, long d, long e, long f) {
        throw unasked(point);
    }

    @Override
    @SuppressWarnings("checkstyle:ParameterNumber")
    public void fire(TracePoint point, long a, long b, long c, long d, long e, long f, long g, long h) {
        throw unasked(point);
    }

    @Override
    public void listen(TraceListener listener, TracePoint... points) {
        throw new UnsupportedOperationException("nothing is traced here");
    }

    @Override
    public void silence(TraceListener listener) {
        throw new UnsupportedOperationException("nothing is traced here");
    }

    @Override
    public long sequence() {
        return 0;
    }

    @Override
    public CallSites callSites() {
        throw new UnsupportedOperationException("nothing is traced here");
    }
}

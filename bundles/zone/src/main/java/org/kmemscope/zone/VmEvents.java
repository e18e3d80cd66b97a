package org.kmemscope.zone;

import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** Counters of {@code /proc/vmstat}: pages allocated by zone, pages freed. */
final class VmEvents implements Stateful {
    private static final int MAX_ZONES = 5;
    private final long[] allocated = new long[MAX_ZONES];
    private long freed;

    void allocated(int zone, int order) {
        allocated[zone] += 1L << order;
    }

    void freed(int order) {
        freed += 1L << order;
    }

    long allocatedFrom(int zone) {
        return allocated[zone];
    }

    long freedPages() {
        return freed;
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(allocated);
        out.putLong(freed);
    }

    @Override
    public void restore(StateReader in) {
        System.arraycopy(in.getLongs(), 0, allocated, 0, MAX_ZONES);
        freed = in.getLong();
    }
}

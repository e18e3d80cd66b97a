package org.kmemscope.reclaim;

import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * What compaction remembers of each zone: where its scanners stopped, and whether it is put off ({@code defer_compaction()}). After a
 * failure the next attempts are left out, one, then three, then seven, at most 63; only for the order that failed and larger ones.
 */
final class CompactionState implements Stateful {
    /** {@code COMPACT_MAX_DEFER_SHIFT}. */
    private static final int MOST_SHIFT = 6;

    private static final int NOT_STARTED = -1;

    final int[] migrate;
    final int[] free;
    private final int[] considered;
    private final int[] shift;
    private final int[] failedOrder;

    CompactionState(int zones) {
        migrate = new int[zones];
        free = new int[zones];
        considered = new int[zones];
        shift = new int[zones];
        failedOrder = new int[zones];
        for (int zone = 0; zone < zones; zone++) {
            forgetScanners(zone);
        }
    }

    void forgetScanners(int zone) {
        migrate[zone] = NOT_STARTED;
        free[zone] = NOT_STARTED;
    }

    boolean hasScanners(int zone) {
        return migrate[zone] != NOT_STARTED;
    }

    /** {@code compaction_deferred()}: whether this attempt is left out; counts it. */
    boolean isDeferred(int zone, int order) {
        if (order < failedOrder[zone] || shift[zone] == 0) {
            return false;
        }
        int limit = 1 << shift[zone];
        if (++considered[zone] >= limit) {
            considered[zone] = limit;
            return false;
        }
        return true;
    }

    /** {@code defer_compaction()}. */
    void defer(int zone, int order) {
        considered[zone] = 0;
        shift[zone] = Math.min(shift[zone] + 1, MOST_SHIFT);
        failedOrder[zone] = failedOrder[zone] == 0 ? order : Math.min(order, failedOrder[zone]);
    }

    /**
     * {@code compaction_defer_reset()}.
     *
     * @param served whether a request was served, and not only compaction satisfied
     */
    void succeeded(int zone, int order, boolean served) {
        if (served) {
            considered[zone] = 0;
            shift[zone] = 0;
        }
        if (order >= failedOrder[zone]) {
            failedOrder[zone] = order + 1;
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(migrate);
        out.putInts(free);
        out.putInts(considered);
        out.putInts(shift);
        out.putInts(failedOrder);
    }

    @Override
    public void restore(StateReader in) {
        for (int[] values : new int[][] {migrate, free, considered, shift, failedOrder}) {
            System.arraycopy(in.getInts(), 0, values, 0, values.length);
        }
    }
}

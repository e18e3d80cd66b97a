package org.kmemscope.reclaim;

import org.kmemscope.api.page.Compacted;
import org.kmemscope.api.page.Reclaimer;
import org.kmemscope.api.page.ZoneControl;
import org.kmemscope.api.page.ZoneControl.Mark;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.trace.TracePoint;

/**
 * Whether compaction starts, for which zones, and how it ends ({@code mm/compaction.c}). What it does is {@link ZoneCompactor}'s.
 *
 * <ol>
 *   <li>Not without {@code __GFP_IO}; up to 4.5 not without {@code __GFP_FS} either.
 *   <li>Zone by zone, from the highest. One in which it failed lately is left out a few times, unless it is to be thorough.
 *   <li>Nothing to do where the watermark would be met and there is a block. Not started where fewer order-0 pages are free than the watermark
 *       (min, low for costly orders; low always up to 4.5) and twice the block.
 *   <li>Not started either where the request fails for lack of memory and not for fragmentation: the fragmentation index, 0 to 1000, must be
 *       above {@code extfrag_threshold}. From 4.6 on that is asked for costly orders only.
 * </ol>
 */
final class Compaction implements Stateful, NodeShrinker.CompactionGate {
    /** {@code PAGE_ALLOC_COSTLY_ORDER}. */
    static final int COSTLY_ORDER = 3;

    /** Fragmentation index of a zone where the request would not fail. */
    private static final int WOULD_NOT_FAIL = -1000;

    private static final int SCALE = 1000;

    private final Basis basis;
    private final ZoneCompactor compactor;
    private final CompactionState state;
    private final boolean byZone;

    /** Whether compaction of a zone starts. */
    enum Start {
        /** A block is there. */
        NOT_NEEDED,
        /** Too little memory is free, or it is not fragmented. */
        SKIPPED,
        /** It may help. */
        GO
    }

    Compaction(Basis basis) {
        this.basis = basis;
        state = new CompactionState(basis.zones.zoneCount());
        compactor = new ZoneCompactor(basis, state);
        byZone = basis.rules.compactionByZone();
    }

    CompactionState state() {
        return state;
    }

    /** {@code compact_gap()}: free pages that compaction wants, to have somewhere to move pages to. */
    static long gap(int order) {
        return 2L << order;
    }

    /** {@code try_to_compact_pages()}. */
    Compacted run(int gfp, int order, int highestZone, int priority, int allocFlags) {
        boolean may = (gfp & basis.io) != 0 && (!basis.rules.compactionNeedsFs() || (gfp & basis.fs) != 0);
        if (!basis.rules.compaction() || order == 0 || !may) {
            return Compacted.SKIPPED;
        }
        if (basis.trace.on(TracePoint.MM_COMPACTION_TRY_TO_COMPACT_PAGES)) {
            basis.trace.fire(TracePoint.MM_COMPACTION_TRY_TO_COMPACT_PAGES, order, gfp, priority);
        }
        boolean memalloc = basis.floor.context().setMemalloc(true);
        try {
            return zones(gfp, order, highestZone, priority, allocFlags);
        } finally {
            basis.floor.context().setMemalloc(memalloc);
        }
    }

    private Compacted zones(int gfp, int order, int highestZone, int priority, int allocFlags) {
        Compacted best = Compacted.SKIPPED;
        for (int zone = highestZone; zone >= 0; zone--) {
            if (!basis.zones.isManaged(zone)) {
                continue;
            }
            if (priority > Reclaimer.COMPACT_SYNC_FULL && state.isDeferred(zone, order)) {
                best = max(best, Compacted.DEFERRED);
                continue;
            }
            Compacted result = zone(zone, order, gfp, priority, allocFlags, highestZone);
            best = max(best, result);
            if (result == Compacted.SUCCESS) {
                state.succeeded(zone, order, false);
                break;
            }
            boolean failed = result == Compacted.COMPLETE || result == Compacted.PARTIAL_SKIPPED;
            if (byZone && priority != Reclaimer.COMPACT_ASYNC && failed) {
                state.defer(zone, order);
            }
        }
        if (best != Compacted.SKIPPED) {
            basis.counters.add(VmCounters.Event.COMPACT_STALL, 1);
        }
        return best;
    }

    private static Compacted max(Compacted one, Compacted other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private Compacted zone(int zone, int order, int gfp, int priority, int allocFlags, int highestZone) {
        return switch (start(zone, order, allocFlags, highestZone)) {
            case NOT_NEEDED -> Compacted.SUCCESS;
            case SKIPPED -> Compacted.SKIPPED;
            case GO ->
                compactor.compact(new ZoneCompactor.Work(
                        zone,
                        order,
                        basis.floor.gfp().migrateType(gfp),
                        priority,
                        true,
                        (gfp & basis.fs) != 0,
                        priority == Reclaimer.COMPACT_SYNC_FULL));
        };
    }

    /** What became of the request. */
    void tried(int order, int highestZone, int priority, boolean served) {
        basis.counters.add(served ? VmCounters.Event.COMPACT_SUCCESS : VmCounters.Event.COMPACT_FAIL, 1);
        for (int zone = highestZone; zone >= 0; zone--) {
            if (!basis.zones.isManaged(zone)) {
                continue;
            }
            if (served) {
                state.succeeded(zone, order, true);
            } else if (!byZone && priority != Reclaimer.COMPACT_ASYNC) {
                state.defer(zone, order);
            }
            // up to 4.5 the highest zone stands for all
            if (!byZone) {
                break;
            }
        }
    }

    // ---- whether it starts

    /** {@code compaction_suitable()}. */
    Start start(int zone, int order, int allocFlags, int highestZone) {
        return byZone ? start(zone, order, allocFlags, highestZone, basis.zones.free(zone)) : startByLow(zone, order);
    }

    private Start start(int zone, int order, int allocFlags, int highestZone, long free) {
        Start start = withoutIndex(zone, order, allocFlags, highestZone, free);
        return start == Start.GO && order > COSTLY_ORDER && lacksMemory(zone, order) ? Start.SKIPPED : start;
    }

    /** {@code __compaction_suitable()} with so many pages free. */
    Start withoutIndex(int zone, int order, int allocFlags, int highestZone, long free) {
        ZoneControl zones = basis.zones;
        if (zones.watermarkOk(zone, order, zones.markOf(zone, allocFlags), highestZone, allocFlags)) {
            return Start.NOT_NEEDED;
        }
        long mark = zones.mark(zone, order > COSTLY_ORDER ? Mark.LOW : Mark.MIN) + gap(order);
        return zones.watermarkOk(zone, 0, mark, highestZone, zones.cmaFlag(), free) ? Start.GO : Start.SKIPPED;
    }

    /** Up to 4.5: always the low watermark, always the index. */
    private Start startByLow(int zone, int order) {
        ZoneControl zones = basis.zones;
        long mark = zones.mark(zone, Mark.LOW) + gap(order);
        if (!zones.watermarkOk(zone, 0, mark, 0, ZoneControl.NO_FLAGS) || lacksMemory(zone, order)) {
            return Start.SKIPPED;
        }
        boolean there = fragmentationIndex(zone, order) == WOULD_NOT_FAIL
                && zones.watermarkOk(zone, order, mark, 0, ZoneControl.NO_FLAGS);
        return there ? Start.NOT_NEEDED : Start.GO;
    }

    private boolean lacksMemory(int zone, int order) {
        int index = fragmentationIndex(zone, order);
        return index >= 0 && index <= basis.settings.get(Settings.EXTFRAG_THRESHOLD);
    }

    /**
     * {@code fragmentation_index()}: towards 0 a request fails for lack of memory, towards 1000 because of fragmentation.
     *
     * @return -1000 if it would not fail; 0 if nothing is free
     */
    int fragmentationIndex(int zone, int order) {
        long blocks = 0;
        long pages = 0;
        for (int current = 0; current < basis.pages.maxOrder(); current++) {
            long count = basis.zones.freeBlocks(zone, current);
            blocks += count;
            pages += count << current;
            if (current >= order && count > 0) {
                return WOULD_NOT_FAIL;
            }
        }
        if (blocks == 0) {
            return 0;
        }
        return (int) (SCALE - (SCALE + pages * SCALE / (1L << order)) / blocks);
    }

    @Override
    public boolean ready(int zone, int order, int highestZone) {
        Start start = start(zone, order, ZoneControl.NO_FLAGS, highestZone);
        if (start != Start.GO) {
            return start == Start.NOT_NEEDED;
        }
        long mark = basis.zones.mark(zone, Mark.HIGH) + gap(order);
        return basis.zones.watermarkOk(zone, 0, mark, highestZone, ZoneControl.NO_FLAGS);
    }

    // ---- others

    /** {@code compact_memory}: everything, in every zone. */
    void compactAll() {
        for (int zone = 0; zone < basis.zones.zoneCount(); zone++) {
            if (basis.zones.isManaged(zone)) {
                compactor.compact(new ZoneCompactor.Work(
                        zone, ZoneCompactor.Work.ALL, 0, Reclaimer.COMPACT_SYNC_FULL, false, true, true));
            }
        }
    }

    Compacted background(int zone, int order) {
        return compactor.compact(
                new ZoneCompactor.Work(zone, order, 0, Reclaimer.COMPACT_SYNC_LIGHT, false, true, false));
    }

    @Override
    public void save(StateWriter out) {
        state.save(out);
    }

    @Override
    public void restore(StateReader in) {
        state.restore(in);
    }
}

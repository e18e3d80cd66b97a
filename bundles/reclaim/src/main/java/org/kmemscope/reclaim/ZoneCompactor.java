package org.kmemscope.reclaim;

import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.Compacted;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.page.Reclaimer;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.trace.TracePoint;

/**
 * Moves the movable pages of a zone together at its upper end ({@code compact_zone}).
 *
 * <pre>
 *   start                                                     end
 *   │ migrate scanner →                      ← free scanner │
 *   │ takes pages of LRU lists               takes free blocks │
 *   └──────────────── done when they meet ──────────────────┘
 * </pre>
 *
 * <ol>
 *   <li>The migrate scanner goes up, pageblock by pageblock; at most 32 pages are moved at a time. A hasty one (asynchronous, for a request)
 *       only looks at pageblocks of the request's type.
 *   <li>The free scanner goes down, through movable and CMA pageblocks, and takes free blocks apart for new places.
 *   <li>A page moves if its owner lets it: contents, flags and place in its address space go along. Pages that are locked, being written, in
 *       the swap cache or held by somebody else stay.
 *   <li>After each pageblock: if a block of the order is there, done.
 * </ol>
 *
 * <p>Both scanners go on where they stopped the last time, until they meet.
 */
final class ZoneCompactor {
    private static final int NONE = PageFrames.NONE;
    private static final int BUDDY = PageFlag.BUDDY.bit();
    private static final int LRU = PageFlag.LRU.bit();
    private static final int STAYS =
            PageFlag.LOCKED.bit() | PageFlag.WRITEBACK.bit() | PageFlag.SWAPCACHE.bit() | PageFlag.HEAD.bit();
    private static final int KEPT_FLAGS = PageFlag.HOLE.bit() | PageFlag.RESERVED.bit();

    private final Basis basis;
    private final PageFrames frames;
    private final CompactionState state;
    private final int blockOrder;
    private final int movable;
    private final int cma;

    /**
     * What is to be done.
     *
     * @param zone where
     * @param order for which order; {@link #ALL} to move everything
     * @param migratetype of the request
     * @param priority how thorough
     * @param direct for a request, and not in the background
     * @param fs whether pages of files may be moved
     * @param wholeZone starts at the ends of the zone
     */
    record Work(int zone, int order, int migratetype, int priority, boolean direct, boolean fs, boolean wholeZone) {
        static final int ALL = -1;
    }

    /** How far it has come. */
    private static final class Run {
        final Work work;
        final int[] spare;
        int spares;
        int migratePfn;
        int freePfn;
        boolean whole;
        long migrated;
        long failed;

        Run(Work work, int pageblock) {
            this.work = work;
            spare = new int[pageblock];
        }
    }

    ZoneCompactor(Basis basis, CompactionState state) {
        this.basis = basis;
        this.state = state;
        frames = basis.frames;
        blockOrder = frames.pageblockOrder();
        MigrateTypes types = basis.floor.gfp().migrateTypes();
        movable = types.indexOf(MigrateType.MOVABLE);
        cma = types.indexOf(MigrateType.CMA);
    }

    private int blockStart(int pfn) {
        return pfn & -(1 << blockOrder);
    }

    Compacted compact(Work work) {
        Run run = new Run(work, 1 << blockOrder);
        int start = basis.zones.startPfn(work.zone());
        int last = blockStart(basis.zones.endPfn(work.zone()) - 1);
        run.whole = work.wholeZone() || !state.hasScanners(work.zone());
        run.migratePfn = run.whole ? start : state.migrate[work.zone()];
        run.freePfn = run.whole ? last : state.free[work.zone()];
        Compacted result = null;
        while (result == null) {
            if (!migrateSome(run)) {
                result = met(run);
            } else if (run.migratePfn % (1 << blockOrder) == 0) {
                basis.zones.drainLocal(work.zone());
                result = isServed(work) ? Compacted.SUCCESS : null;
            }
        }
        release(run);
        basis.zones.drainLocal(work.zone());
        if (isServed(work)) {
            result = Compacted.SUCCESS;
        }
        if (result == Compacted.SUCCESS) {
            state.migrate[work.zone()] = run.migratePfn;
            state.free[work.zone()] = run.freePfn;
        } else {
            state.forgetScanners(work.zone());
        }
        basis.counters.add(VmCounters.Event.PGMIGRATE_SUCCESS, run.migrated);
        basis.counters.add(VmCounters.Event.PGMIGRATE_FAIL, run.failed);
        if (basis.trace.on(TracePoint.MM_COMPACTION_END)) {
            basis.trace.fire(
                    TracePoint.MM_COMPACTION_END,
                    work.zone(),
                    run.migratePfn,
                    run.freePfn,
                    run.migrated,
                    run.failed,
                    basis.trace.callSites().id(result.name()));
        }
        return result;
    }

    private Compacted met(Run run) {
        return run.whole ? Compacted.COMPLETE : Compacted.PARTIAL_SKIPPED;
    }

    private boolean isServed(Work work) {
        return work.order() != Work.ALL && basis.zones.hasBlockFor(work.zone(), work.order(), work.migratetype());
    }

    // ---- the migrate scanner

    /** Moves up to a cluster of pages of the pageblock where the scanner stands; false when the scanners have met. */
    private boolean migrateSome(Run run) {
        if (run.freePfn >>> blockOrder <= run.migratePfn >>> blockOrder) {
            return false;
        }
        int start = run.migratePfn;
        int end = blockStart(start) + (1 << blockOrder);
        if (!isSource(run.work, start)) {
            run.migratePfn = end;
            return true;
        }
        int taken = 0;
        int pfn = start;
        long looked = 0;
        while (pfn < end && taken < ScanControl.CLUSTER) {
            looked++;
            int flags = frames.flags(pfn);
            if ((flags & BUDDY) != 0) {
                pfn += 1 << frames.buddyOrder(pfn);
                continue;
            }
            if ((flags & LRU) != 0 && basis.owners.has(pfn) && mayMove(run.work, pfn, flags)) {
                taken++;
                if (!move(run, pfn)) {
                    if (run.spares == 0) {
                        break;
                    }
                    run.failed++;
                }
            }
            pfn++;
        }
        basis.counters.add(
                run.work.direct()
                        ? VmCounters.Event.COMPACT_MIGRATE_SCANNED
                        : VmCounters.Event.COMPACT_DAEMON_MIGRATE_SCANNED,
                looked);
        basis.counters.add(VmCounters.Event.COMPACT_ISOLATED, taken);
        run.migratePfn = Math.min(pfn, end);
        return run.freePfn >>> blockOrder > run.migratePfn >>> blockOrder || run.migratePfn % (1 << blockOrder) != 0;
    }

    /** {@code suitable_migration_source()}. */
    private boolean isSource(Work work, int pfn) {
        if (work.priority() != Reclaimer.COMPACT_ASYNC || !work.direct()) {
            return true;
        }
        int type = frames.blockType(pfn);
        if (!basis.rules.compactionByZone() || work.migratetype() == movable) {
            return type == movable || type == cma;
        }
        return type == work.migratetype();
    }

    private boolean mayMove(Work work, int pfn, int flags) {
        boolean file = (flags & PageFlag.SWAPBACKED.bit()) == 0;
        int expected = frames.mapCount(pfn) + (file ? 1 : 0);
        boolean stuck = (flags & PageFlag.UNEVICTABLE.bit()) != 0 && !basis.rules.compactionByZone();
        return (flags & STAYS) == 0 && !stuck && frames.count(pfn) == expected && (work.fs() || !file);
    }

    private boolean move(Run run, int pfn) {
        int to = takeSpare(run);
        if (to == NONE) {
            return false;
        }
        basis.lru.remove(pfn);
        if (!basis.owners.of(pfn).migrate(pfn, to)) {
            basis.lru.addFirst(pfn);
            run.spare[run.spares++] = to;
            return false;
        }
        basis.floor.ram().copy((long) pfn << Profile.PAGE_SHIFT, (long) to << Profile.PAGE_SHIFT, Profile.PAGE_SIZE);
        frames.setFlags(to, frames.flags(to) | frames.flags(pfn) & ~KEPT_FLAGS);
        frames.setCount(to, frames.count(pfn));
        frames.setMapCount(to, frames.mapCount(pfn));
        frames.setPrivateData(to, 0);
        frames.setMapping(to, frames.mapping(pfn));
        frames.setIndex(to, frames.index(pfn));
        frames.setOwner(to, frames.owner(pfn));
        frames.setFlags(pfn, frames.flags(pfn) & KEPT_FLAGS);
        frames.setMapCount(pfn, 0);
        frames.setMapping(pfn, 0);
        frames.setPrivateData(pfn, 0);
        frames.setCount(pfn, 1);
        basis.lru.addFirst(to);
        basis.pages.freePages(pfn, 0);
        run.migrated++;
        return true;
    }

    // ---- the free scanner

    private int takeSpare(Run run) {
        while (run.spares == 0) {
            if (run.freePfn >>> blockOrder <= run.migratePfn >>> blockOrder) {
                return NONE;
            }
            isolateFree(run);
            run.freePfn -= 1 << blockOrder;
        }
        return run.spare[--run.spares];
    }

    /** Takes the free blocks of the pageblock where the scanner stands, if pages may be moved there. */
    private void isolateFree(Run run) {
        int from = Math.max(run.freePfn, basis.zones.startPfn(run.work.zone()));
        int end = Math.min(run.freePfn + (1 << blockOrder), basis.zones.endPfn(run.work.zone()));
        int type = frames.blockType(from);
        boolean target = type == movable || type == cma && cma >= 0;
        long looked = 0;
        for (int pfn = from; target && pfn < end; ) {
            looked++;
            boolean free = (frames.flags(pfn) & BUDDY) != 0;
            int order = free ? frames.buddyOrder(pfn) : 0;
            if (free && order < blockOrder && order < basis.pages.maxOrder()) {
                int taken = basis.zones.isolateFree(pfn);
                if (taken < 0) {
                    break;
                }
                for (int page = pfn; page < pfn + (1 << taken); page++) {
                    run.spare[run.spares++] = page;
                }
            }
            pfn += 1 << order;
        }
        basis.counters.add(
                run.work.direct()
                        ? VmCounters.Event.COMPACT_FREE_SCANNED
                        : VmCounters.Event.COMPACT_DAEMON_FREE_SCANNED,
                looked);
    }

    private void release(Run run) {
        while (run.spares > 0) {
            basis.pages.freePages(run.spare[--run.spares], 0);
        }
    }
}

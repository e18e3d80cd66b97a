package org.kmemscope.zone;

import org.kmemscope.api.page.Compacted;
import org.kmemscope.api.page.Reclaimer;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;

/**
 * The slow path of 4.6 and later.
 *
 * <ol>
 *   <li>kswapd is woken if the mask asks for it; a try at the min watermark.
 *   <li>Costly orders, and smaller ones above 0 that are not movable, are compacted for first; a costly one with NORETRY ends here if
 *       compaction could not even start.
 *   <li>kswapd is woken again; another try: without watermarks for who frees memory (PF_MEMALLOC, MEMALLOC). Who cannot wait, or frees
 *       memory, fails.
 *   <li>Direct reclaim; if it freed something, a try; if that fails, a highatomic pageblock is given up, the per-CPU lists are drained, and
 *       a last try.
 *   <li>Compaction. NORETRY ends here, and so do costly orders without RETRY_MAYFAIL.
 *   <li>Again while all that can be reclaimed would be enough, at most 16 times in a row without progress; costly orders make none by
 *       definition. Before it gives up, the last highatomic pageblock is given up.
 *   <li>Again while compaction has hopes, at most 16 times (4 for costly orders), each priority for itself.
 *   <li>A last look at the high watermark; then OOM, but not for costly orders, RETRY_MAYFAIL, THISNODE, or requests below Normal. A mask
 *       without FS kills nobody but tries again for ever.
 *   <li>NOFAIL: once more with the right of __GFP_HIGH, and then from the start.
 * </ol>
 *
 * <p>Source: {@code __alloc_pages_slowpath}, {@code should_reclaim_retry}, {@code should_compact_retry} of 6.1.
 */
final class ModernSlowPath extends SlowPath {
    /** {@code MAX_RECLAIM_RETRIES}. */
    private static final int MAX_RECLAIM_RETRIES = 16;

    /** {@code MAX_COMPACT_RETRIES}; a quarter for costly orders. */
    private static final int MAX_COMPACT_RETRIES = 16;

    private final Tracepoints trace;

    ModernSlowPath(ZonedPageAllocator allocator) {
        super(allocator);
        trace = allocator.ground.trace();
    }

    @Override
    int serve(int gfp, int order, int highest, int type) {
        Trip trip = new Trip(gfp, order, highest, type, policy.slow(gfp, order, type));
        wakeKswapd(trip);
        int pfn = look(trip);
        if (pfn != NONE) {
            return pfn;
        }
        boolean mayReclaim = trip.has(policy.wait);
        if (mayReclaim && !entitled(trip) && (trip.costly() || order > 0 && type != policy.movableType)) {
            pfn = compactAndLook(trip);
            if (pfn != NONE) {
                return pfn;
            }
            boolean notStarted = trip.compacted == Compacted.SKIPPED || trip.compacted == Compacted.DEFERRED;
            if (trip.costly() && trip.has(policy.noRetry) && notStarted) {
                return NONE;
            }
        }
        return loop(trip, mayReclaim);
    }

    /** One thread for the node: it hears of the highest zone. */
    private void wakeKswapd(Trip trip) {
        int[] zones = allocator.zonelists[trip.highest];
        if ((trip.flags & AllocFlags.KSWAPD) != 0 && zones.length > 0) {
            reclaimer().wakeKswapd(zones[0], trip.order, trip.highest, trip.gfp);
        }
    }

    /** {@code __gfp_pfmemalloc_flags()}. */
    private boolean entitled(Trip trip) {
        return !trip.has(policy.noMemalloc) && (trip.has(policy.memalloc) || isMemalloc());
    }

    private int loop(Trip trip, boolean mayReclaim) {
        while (true) {
            wakeKswapd(trip);
            int pfn = entitled(trip) ? lookWithoutMarks(trip) : look(trip);
            if (pfn != NONE || !mayReclaim) {
                return pfn;
            }
            boolean ends = isMemalloc();
            if (!ends) {
                pfn = reclaimAndCompact(trip);
                if (pfn != NONE) {
                    return pfn;
                }
                ends = trip.has(policy.noRetry) || trip.costly() && !trip.has(policy.repeat);
            }
            if (!ends) {
                if (shouldReclaimRetry(trip) || trip.freed > 0 && shouldCompactRetry(trip)) {
                    continue;
                }
                pfn = lookAtHighMark(trip);
                if (pfn != NONE) {
                    return pfn;
                }
                ends = trip.costly() || trip.has(policy.repeat) || trip.has(policy.thisNode) || !reachesNormal(trip);
            }
            if (!ends) {
                pfn = outOfMemory(trip);
            } else if (trip.has(policy.noFail)) {
                pfn = noFail(trip);
            } else {
                return NONE;
            }
            if (pfn != NONE) {
                return pfn;
            }
        }
    }

    private int reclaimAndCompact(Trip trip) {
        reclaim(trip);
        if (trip.freed > 0) {
            int pfn = look(trip);
            if (pfn == NONE) {
                allocator.walk.unreserveHighatomic(trip.highest, trip.type, false);
                allocator.drainAllPages();
                pfn = look(trip);
            }
            if (pfn != NONE) {
                return pfn;
            }
        }
        return compactAndLook(trip);
    }

    private int outOfMemory(Trip trip) {
        Reclaimer.Kill kill = killFor(trip);
        trip.withoutProgress = 0;
        if (trip.has(policy.noFail)) {
            int pfn = lookWithoutMarks(trip);
            if (pfn != NONE) {
                return pfn;
            }
        }
        if (kill == Reclaimer.Kill.NOBODY) {
            waitForOthers(trip, allocator.ground.clock().hz());
        }
        return NONE;
    }

    /** The last resort of NOFAIL: the reserves, as for __GFP_HIGH; then waiting. */
    private int noFail(Trip trip) {
        int pfn = allocator.walk.take(
                trip.order, trip.highest, trip.type, trip.flags | AllocFlags.MIN_RESERVE | AllocFlags.NON_BLOCK);
        if (pfn == NONE) {
            waitForOthers(trip, allocator.ground.clock().hz());
        }
        return pfn;
    }

    private boolean shouldReclaimRetry(Trip trip) {
        trip.withoutProgress = trip.freed > 0 && !trip.costly() ? 0 : trip.withoutProgress + 1;
        if (trip.withoutProgress > MAX_RECLAIM_RETRIES) {
            return allocator.walk.unreserveHighatomic(trip.highest, trip.type, true);
        }
        for (int index : allocator.zonelists[trip.highest]) {
            Zone zone = allocator.zones[index];
            long reclaimable = reclaimer().reclaimable(index);
            long available = reclaimable + zone.exactFree();
            long mark = zone.min + zone.boost;
            boolean ok = allocator.check.ok(zone, trip.order, mark, trip.highest, trip.flags, available);
            if (trace.on(TracePoint.RECLAIM_RETRY_ZONE)) {
                trace.fire(
                        TracePoint.RECLAIM_RETRY_ZONE,
                        index,
                        trip.order,
                        reclaimable,
                        available,
                        mark,
                        trip.withoutProgress,
                        ok ? 1 : 0,
                        0);
            }
            if (ok) {
                return true;
            }
        }
        return false;
    }

    private boolean shouldCompactRetry(Trip trip) {
        if (trip.order == 0) {
            return false;
        }
        int most = trip.costly() ? MAX_COMPACT_RETRIES / 4 : MAX_COMPACT_RETRIES;
        boolean again =
                switch (trip.compacted) {
                    case NOT_TRIED -> false;
                    case SKIPPED -> anySuitable(trip);
                    case SUCCESS -> ++trip.compactionRetries <= most || raisePriority(trip);
                    case DEFERRED, COMPLETE, PARTIAL_SKIPPED -> raisePriority(trip);
                };
        if (trace.on(TracePoint.COMPACT_RETRY)) {
            trace.fire(
                    TracePoint.COMPACT_RETRY,
                    trip.order,
                    trip.priority,
                    trace.callSites().id(trip.compacted.name()),
                    trip.compactionRetries,
                    most,
                    again ? 1 : 0);
        }
        return again;
    }

    private boolean raisePriority(Trip trip) {
        int most = trip.costly() ? Reclaimer.COMPACT_SYNC_LIGHT : Reclaimer.COMPACT_SYNC_FULL;
        if (trip.priority <= most) {
            return false;
        }
        trip.priority--;
        trip.compactionRetries = 0;
        return true;
    }

    /** {@code compaction_zonelist_suitable()}: whether compaction could start somewhere if a part of what can be reclaimed were free. */
    private boolean anySuitable(Trip trip) {
        for (int index : allocator.zonelists[trip.highest]) {
            long available = reclaimer().reclaimable(index) / trip.order + allocator.zones[index].exactFree();
            if (reclaimer().compactionSuitable(index, trip.order, trip.highest, trip.flags, available)) {
                return true;
            }
        }
        return false;
    }
}

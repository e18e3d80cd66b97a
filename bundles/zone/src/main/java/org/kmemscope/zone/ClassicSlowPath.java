package org.kmemscope.zone;

import org.kmemscope.api.page.Reclaimer;

/**
 * The slow path of 2.6 and 3.x.
 *
 * <ol>
 *   <li>kswapd is woken; a try at the min watermark with what the mask is entitled to.
 *   <li>Who frees memory (PF_MEMALLOC), and since 3.6 who asks with MEMALLOC, gets any page; who cannot wait fails.
 *   <li>Where there is compaction, larger orders are compacted for.
 *   <li>Direct reclaim; the per-CPU lists are drained: up to 2.6.35 for every order above 0, later for a request that fails although
 *       something was freed; another try.
 *   <li>No progress, and the mask allows file systems and retries: OOM, but not for costly orders; then from the start. Since 2.6.36
 *       nobody is killed for requests below Normal, which fail instead.
 *   <li>Again, unless NORETRY: orders up to 3 always; with REPEAT until as much was freed as is wanted (in 2.6.24 and 25 for ever); with
 *       NOFAIL always. In between the request waits a fiftieth of a second.
 * </ol>
 *
 * <p>Source: {@code __alloc_pages} of 2.6.24; {@code __alloc_pages_slowpath} of 2.6.32 and 3.8.
 */
final class ClassicSlowPath extends SlowPath {
    /** {@code HZ/50}: how long a request waits before it tries again. */
    private static final int WAIT_PART = 50;

    /**
     * What differs among these kernels.
     *
     * @param repeatCounts REPEAT ends when as much was freed as is wanted (2.6.26)
     * @param drainsOnFailure the lists are drained for a request that failed after progress, and not for each of a higher order
     *     (2.6.36)
     * @param sparesLowmem nobody is killed for requests below Normal or of one node (2.6.36)
     * @param compacts there is compaction
     * @param memalloc {@code __GFP_MEMALLOC} (3.6)
     */
    record Rules(
            boolean repeatCounts, boolean drainsOnFailure, boolean sparesLowmem, boolean compacts, boolean memalloc) {}

    private final Rules rules;

    ClassicSlowPath(ZonedPageAllocator allocator, Rules rules) {
        super(allocator);
        this.rules = rules;
    }

    @Override
    int serve(int gfp, int order, int highest, int type) {
        Trip trip = new Trip(gfp, order, highest, type, policy.slow(gfp, order, type));
        while (true) {
            wakeKswapd(trip);
            int pfn = look(trip);
            if (pfn != NONE) {
                return pfn;
            }
            if (entitled(trip)) {
                pfn = lookWithoutMarks(trip);
                if (pfn != NONE) {
                    return pfn;
                }
                if (trip.has(policy.noFail)) {
                    waitForOthers(trip, WAIT_PART);
                    continue;
                }
            }
            if (!trip.has(policy.wait) || isMemalloc()) {
                return NONE;
            }
            if (!rebalance(trip)) {
                return trip.served;
            }
        }
    }

    /** Each zone of the zonelist is looked at, and has a kswapd of its own to hear of it. */
    private void wakeKswapd(Trip trip) {
        for (int zone : allocator.zonelists[trip.highest]) {
            reclaimer().wakeKswapd(zone, trip.order, trip.highest, trip.gfp);
        }
    }

    private boolean entitled(Trip trip) {
        boolean asks = rules.memalloc() && trip.has(policy.memalloc);
        return !trip.has(policy.noMemalloc) && (asks || isMemalloc());
    }

    /** From {@code rebalance:} on; whether to start again. */
    private boolean rebalance(Trip trip) {
        long freedSoFar = 0;
        while (true) {
            if (rules.compacts()) {
                int pfn = compactAndLook(trip);
                // from now on it may wait for pages that are in the way
                trip.priority = Reclaimer.COMPACT_SYNC_LIGHT;
                if (served(trip, pfn)) {
                    return false;
                }
            }
            reclaim(trip);
            if (!rules.drainsOnFailure() && trip.order > 0) {
                allocator.drainAllPages();
            }
            if (trip.freed > 0) {
                int pfn = rules.drainsOnFailure() ? lookAfterDrain(trip) : look(trip);
                if (served(trip, pfn)) {
                    return false;
                }
            } else if (trip.has(policy.fs) && !trip.has(policy.noRetry)) {
                return outOfMemory(trip);
            }
            freedSoFar += trip.freed;
            if (!retries(trip, freedSoFar)) {
                // larger orders need not come round again, so compaction gets its chance here
                if (rules.compacts()) {
                    served(trip, compactAndLook(trip));
                }
                return false;
            }
            waitForOthers(trip, WAIT_PART);
        }
    }

    @Override
    int afterCompaction(Trip trip) {
        allocator.drainLocalPages();
        return look(trip);
    }

    private static boolean served(Trip trip, int pfn) {
        trip.served = pfn;
        return pfn != NONE;
    }

    private int lookAfterDrain(Trip trip) {
        int pfn = look(trip);
        if (pfn == NONE) {
            allocator.drainAllPages();
            pfn = look(trip);
        }
        return pfn;
    }

    /** {@code __alloc_pages_may_oom()}; whether to start again. */
    private boolean outOfMemory(Trip trip) {
        if (served(trip, lookAtHighMark(trip))) {
            return false;
        }
        if (!trip.has(policy.noFail)) {
            boolean spared = rules.sparesLowmem() && (!reachesNormal(trip) || trip.has(policy.thisNode));
            if (trip.costly() || spared) {
                return false;
            }
        }
        if (killFor(trip) == Reclaimer.Kill.NOBODY) {
            waitForOthers(trip, WAIT_PART);
        }
        return true;
    }

    /** {@code should_alloc_retry()}. */
    private boolean retries(Trip trip, long freedSoFar) {
        if (trip.has(policy.noRetry)) {
            return false;
        }
        if (!trip.costly() || trip.has(policy.noFail)) {
            return true;
        }
        return trip.has(policy.repeat) && (!rules.repeatCounts() || freedSoFar < 1L << trip.order);
    }
}

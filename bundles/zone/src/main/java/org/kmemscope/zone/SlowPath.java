package org.kmemscope.zone;

import org.kmemscope.api.error.KernelHang;
import org.kmemscope.api.error.TaskKilled;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.page.Compacted;
import org.kmemscope.api.page.Reclaimer;
import org.kmemscope.api.page.ZoneType;

/**
 * What happens to a request that found no zone above its low watermark ({@code __alloc_pages_slowpath}).
 *
 * <p>A request that waits lets time pass: what is being written gets done, kswapd runs. A loop that Linux leaves only when somebody else
 * frees memory ends as a hang when nothing is being written and nobody is left who could.
 */
abstract class SlowPath {
    /** {@code PAGE_ALLOC_COSTLY_ORDER}: up to it, requests are worth waiting for. */
    static final int COSTLY_ORDER = 3;

    static final int NONE = PageList.NONE;
    /** So many rounds in a row without a hope are a hang. */
    private static final int HOPELESS_ROUNDS = 16;

    final ZonedPageAllocator allocator;
    final Policy policy;
    final ExecutionContext context;

    SlowPath(ZonedPageAllocator allocator) {
        this.allocator = allocator;
        this.policy = allocator.policy;
        this.context = allocator.context;
    }

    /**
     * Serves the request, or not.
     *
     * @return pfn, or {@link #NONE}
     */
    abstract int serve(int gfp, int order, int highest, int type);

    /** What is wanted, and how far the loop has come. Lives as long as one trip through the slow path. */
    static final class Trip {
        final int gfp;
        final int order;
        final int highest;
        final int type;
        int flags;
        long freed;
        Compacted compacted = Compacted.NOT_TRIED;
        int priority = Reclaimer.COMPACT_ASYNC;
        int compactionRetries;
        int withoutProgress;
        int served = NONE;
        private int hopeless;

        Trip(int gfp, int order, int highest, int type, int flags) {
            this.gfp = gfp;
            this.order = order;
            this.highest = highest;
            this.type = type;
            this.flags = flags;
        }

        boolean has(int flag) {
            return (gfp & flag) != 0;
        }

        boolean costly() {
            return order > COSTLY_ORDER;
        }
    }

    final Reclaimer reclaimer() {
        return allocator.reclaimer;
    }

    /** {@code get_page_from_freelist()} with the rights of the request. */
    final int look(Trip trip) {
        return allocator.walk.take(trip.order, trip.highest, trip.type, trip.flags);
    }

    final int lookWithoutMarks(Trip trip) {
        return allocator.walk.take(trip.order, trip.highest, trip.type, trip.flags | AllocFlags.NO_WATERMARKS);
    }

    /** The last look before somebody is killed: at the high watermark, so that it only finds what was freed in between. */
    final int lookAtHighMark(Trip trip) {
        int high = trip.flags & ~AllocFlags.WMARK_MASK | AllocFlags.WMARK_HIGH;
        return allocator.walk.take(trip.order, trip.highest, trip.type, high);
    }

    /** {@code PF_MEMALLOC}: who frees memory. */
    final boolean isMemalloc() {
        return context.isMemalloc() && !context.inInterrupt();
    }

    final void reclaim(Trip trip) {
        trip.freed = reclaimer().reclaim(trip.gfp, trip.order, trip.highest);
    }

    /** {@code __alloc_pages_direct_compact()}: compaction, and a try if it did anything. */
    final int compactAndLook(Trip trip) {
        if (trip.order == 0) {
            return NONE;
        }
        trip.compacted = reclaimer().compact(trip.gfp, trip.order, trip.highest, trip.priority, trip.flags);
        if (trip.compacted == Compacted.SKIPPED || trip.compacted == Compacted.NOT_TRIED) {
            return NONE;
        }
        int pfn = afterCompaction(trip);
        reclaimer().compactionTried(trip.order, trip.highest, trip.priority, pfn != NONE);
        return pfn;
    }

    int afterCompaction(Trip trip) {
        return look(trip);
    }

    /** Whether a request may come from ZONE_NORMAL or higher: for less nobody is killed. */
    final boolean reachesNormal(Trip trip) {
        return allocator.zones[trip.highest].type.compareTo(ZoneType.NORMAL) >= 0;
    }

    /**
     * {@code out_of_memory()}: another task gives way, or the one that asks.
     *
     * @throws TaskKilled for the latter
     */
    final Reclaimer.Kill killFor(Trip trip) {
        Reclaimer.Kill kill = reclaimer().outOfMemory(trip.gfp, trip.order, trip.highest);
        if (kill == Reclaimer.Kill.CALLER) {
            TaskKilled killed = new TaskKilled("Out of memory: Killed process " + context.pid() + " (" + context.comm()
                    + "), which asked for " + (1 << trip.order) + (trip.order == 0 ? " page with " : " pages with ")
                    + allocator.ground.gfp().names(trip.gfp));
            if (reclaimer() != Reclaimer.NONE) {
                // the OOM killer has reported it at length
                killed.markReported();
            }
            throw killed;
        }
        return kill;
    }

    /**
     * Waits for others.
     *
     * @param part so many parts of a second
     * @throws KernelHang if there are none
     */
    final void waitForOthers(Trip trip, int part) {
        long ticks = Math.max(1, allocator.ground.clock().hz() / part);
        trip.hopeless = reclaimer().waitForMemory(ticks) ? 0 : trip.hopeless + 1;
        if (trip.hopeless >= HOPELESS_ROUNDS) {
            throw new KernelHang(context.comm() + " waits for ever for " + (1 << trip.order)
                    + (trip.order == 0 ? " page with " : " pages with ")
                    + allocator.ground.gfp().names(trip.gfp)
                    + ": such a request never fails, and nothing is left that could free some");
        }
    }
}

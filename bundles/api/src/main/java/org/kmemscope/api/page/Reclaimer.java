package org.kmemscope.api.page;

import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * What the page allocator asks for when memory is short: reclaim, compaction, the OOM killer. It knows nothing of what can be
 * reclaimed; whoever does registers with {@link PageAllocator#setReclaimer}. Zones are indices of the allocator.
 */
@ConsumerType
public interface Reclaimer {
    /** Nothing can be reclaimed and nobody killed but the one who asks. */
    Reclaimer NONE = new Reclaimer() {
        @Override
        public void wakeKswapd(int zone, int order, int highestZone, int gfp) {
            // nobody sleeps here
        }

        @Override
        public long reclaim(int gfp, int order, int highestZone) {
            return 0;
        }

        @Override
        public Compacted compact(int gfp, int order, int highestZone, int priority, int allocFlags) {
            return Compacted.SKIPPED;
        }

        @Override
        public boolean compactionSuitable(int zone, int order, int highestZone, int allocFlags, long available) {
            return false;
        }

        @Override
        public long reclaimable(int zone) {
            return 0;
        }

        @Override
        public boolean dirtyOk(int zone) {
            return true;
        }

        @Override
        public boolean waitForMemory(long ticks) {
            return false;
        }

        @Override
        public Kill outOfMemory(int gfp, int order, int highestZone) {
            return Kill.CALLER;
        }
    };

    /** Stands for the node where a zone is asked for. */
    int NODE = -1;

    /** Most thorough compaction ({@code COMPACT_PRIO_SYNC_FULL}). */
    int COMPACT_SYNC_FULL = 0;

    /** Compaction that waits, but not for pages being written ({@code COMPACT_PRIO_SYNC_LIGHT}). */
    int COMPACT_SYNC_LIGHT = 1;

    /** Compaction that gives up at the first obstacle ({@code COMPACT_PRIO_ASYNC}). */
    int COMPACT_ASYNC = 2;

    /**
     * {@code wakeup_kswapd()}: a request found no zone above its low watermark, or a zone was boosted. Whether there is something to do
     * for kswapd is decided by the rules of its era.
     */
    void wakeKswapd(int zone, int order, int highestZone, int gfp);

    /**
     * {@code try_to_free_pages()}: direct reclaim on behalf of a request.
     *
     * @return pages freed
     */
    long reclaim(int gfp, int order, int highestZone);

    /**
     * {@code try_to_compact_pages()}: moves movable pages together.
     *
     * @param priority {@link #COMPACT_ASYNC} and up
     * @param allocFlags the allocator's rights of the request, for {@link ZoneControl#watermarkOk}
     */
    Compacted compact(int gfp, int order, int highestZone, int priority, int allocFlags);

    /**
     * What became of a request after compaction: whether it was served. Compaction that helps nobody is put off.
     */
    default void compactionTried(int order, int highestZone, int priority, boolean served) {
        // nothing is put off
    }

    /**
     * {@code __compaction_suitable()}: whether compaction of a zone would start, if so many pages were free.
     *
     * @param available free pages, and those that reclaim could free
     */
    boolean compactionSuitable(int zone, int order, int highestZone, int allocFlags, long available);

    /** {@code zone_reclaimable_pages()}: pages of a zone that reclaim could free at best. */
    long reclaimable(int zone);

    /** {@code zone_dirty_ok()}, {@code node_dirty_ok()}: whether a zone may take more pages that will be written to ({@code __GFP_WRITE}). */
    boolean dirtyOk(int zone);

    /**
     * {@code congestion_wait()}: the current task sleeps, so that writing goes on and kswapd runs.
     *
     * @return whether anything may have changed; false if nothing is being written and nobody is left who could free memory
     */
    boolean waitForMemory(long ticks);

    /**
     * What reclaim counts for reports and {@code /proc/zoneinfo}, by name: of a zone {@code pages_scanned}, {@code all_unreclaimable} and
     * the like; of the node what {@code show_mem()} prints of swap.
     *
     * @param zone the zone, or {@link #NODE}
     */
    default Map<String, Long> numbers(int zone) {
        return Map.of();
    }

    /** {@code out_of_memory()}: kills the task that gives most. */
    Kill outOfMemory(int gfp, int order, int highestZone);

    /** Whom the OOM killer took. */
    enum Kill {
        /** Another task, whose memory is free now. */
        ANOTHER,
        /** The task that asked: its request fails. */
        CALLER,
        /** Nobody: the request does not allow it, it shall try again. */
        NOBODY
    }
}

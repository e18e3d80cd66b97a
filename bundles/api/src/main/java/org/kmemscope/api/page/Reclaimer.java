package org.kmemscope.api.page;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * What the page allocator asks for when memory is short: reclaim, compaction, the OOM killer. It knows nothing of what can be
 * reclaimed; whoever does registers with {@link PageAllocator#setReclaimer}. Zones are indices of the allocator.
 */
@ConsumerType
public interface Reclaimer {
    /** Nothing can be reclaimed and nobody killed. */
    Reclaimer NONE = new Reclaimer() {
        @Override
        public void wakeKswapd(int zone, int order, int highestZone) {
            // nobody sleeps here
        }

        @Override
        public long reclaim(int gfp, int order, int highestZone) {
            return 0;
        }

        @Override
        public boolean compact(int gfp, int order, int highestZone) {
            return false;
        }

        @Override
        public long reclaimable(int zone) {
            return 0;
        }

        @Override
        public Kill outOfMemory(int gfp, int order) {
            return Kill.CALLER;
        }
    };

    /** {@code wakeup_kswapd()}: a zone is below its low watermark, or was boosted. */
    void wakeKswapd(int zone, int order, int highestZone);

    /**
     * {@code try_to_free_pages()}: direct reclaim on behalf of a request.
     *
     * @return pages freed
     */
    long reclaim(int gfp, int order, int highestZone);

    /**
     * {@code try_to_compact_pages()}: moves movable pages together.
     *
     * @return whether a block of the order may be free now
     */
    boolean compact(int gfp, int order, int highestZone);

    /** {@code zone_reclaimable_pages()}: pages of a zone that reclaim could free at best. */
    long reclaimable(int zone);

    /** {@code out_of_memory()}: kills the task that gives most. */
    Kill outOfMemory(int gfp, int order);

    /** Whom the OOM killer took. */
    enum Kill {
        /** Another task, whose memory is free now. */
        ANOTHER,
        /** The task that asked: its request fails. */
        CALLER
    }
}

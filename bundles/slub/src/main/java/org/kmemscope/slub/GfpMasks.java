package org.kmemscope.slub;

import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;

/**
 * The bits of a GFP mask that matter here, in the numbers of the machine's kernel.
 *
 * @param maySleep the caller may sleep
 * @param zero the object shall be zeroed
 * @param dma from ZONE_DMA; 0 if the kernel has no caches for that
 * @param reclaimable reclaimable memory
 * @param account charged to a memory cgroup; 0 if the kernel does not know it
 * @param comp makes a compound page
 * @param noWarn fails without a report
 * @param refused must not be set ({@code GFP_SLAB_BUG_MASK})
 * @param passedOn what the page allocator gets to see of the caller's mask ({@code GFP_RECLAIM_MASK | GFP_CONSTRAINT_MASK})
 */
record GfpMasks(
        int maySleep,
        int zero,
        int dma,
        int reclaimable,
        int account,
        int comp,
        int noWarn,
        int refused,
        int passedOn) {
    /**
     * The masks of a kernel.
     *
     * @param dmaCaches whether it has a ZONE_DMA
     */
    static GfpMasks of(GfpTable gfp, boolean dmaCaches) {
        return new GfpMasks(
                gfp.all(Gfp.__GFP_WAIT, Gfp.__GFP_DIRECT_RECLAIM),
                gfp.of(Gfp.__GFP_ZERO),
                dmaCaches ? gfp.of(Gfp.__GFP_DMA) : 0,
                gfp.of(Gfp.__GFP_RECLAIMABLE),
                gfp.orZero(Gfp.__GFP_ACCOUNT),
                gfp.of(Gfp.__GFP_COMP),
                gfp.of(Gfp.__GFP_NOWARN),
                gfp.of(Gfp.__GFP_HIGHMEM) | gfp.of(Gfp.__GFP_DMA32) | ~gfp.bitsMask(),
                gfp.reclaimMask() | gfp.constraintMask());
    }
}

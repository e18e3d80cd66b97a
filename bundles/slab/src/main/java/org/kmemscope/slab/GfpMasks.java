package org.kmemscope.slab;

import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;

/**
 * The bits of a GFP mask that matter here, in the numbers of the machine's kernel.
 *
 * @param maySleep the caller may sleep
 * @param zero the object shall be zeroed
 * @param dma asks for a DMA cache; 0 if the kernel has none
 * @param noWarn fails without a report
 * @param reclaimable added for caches with SLAB_RECLAIM_ACCOUNT
 * @param noTrack added for all slabs: kmemcheck keeps its hands off pages that the allocator reports itself
 * @param refused must not be set ({@code GFP_SLAB_BUG_MASK})
 * @param passedOn what the page allocator gets to see of the caller's mask ({@code GFP_RECLAIM_MASK | GFP_CONSTRAINT_MASK})
 * @param placement which of them say where memory shall come from ({@code GFP_CONSTRAINT_MASK})
 */
record GfpMasks(
        int maySleep,
        int zero,
        int dma,
        int noWarn,
        int reclaimable,
        int noTrack,
        int refused,
        int passedOn,
        int placement) {
    static GfpMasks of(GfpTable gfp, boolean dmaCaches) {
        int placement = gfp.constraintMask();
        return new GfpMasks(
                gfp.all(Gfp.__GFP_WAIT, Gfp.__GFP_DIRECT_RECLAIM),
                gfp.of(Gfp.__GFP_ZERO),
                dmaCaches ? gfp.of(Gfp.__GFP_DMA) : 0,
                gfp.of(Gfp.__GFP_NOWARN),
                gfp.of(Gfp.__GFP_RECLAIMABLE),
                gfp.orZero(Gfp.__GFP_NOTRACK),
                gfp.of(Gfp.__GFP_HIGHMEM) | gfp.of(Gfp.__GFP_DMA32) | ~gfp.bitsMask(),
                gfp.reclaimMask() | placement,
                placement);
    }
}

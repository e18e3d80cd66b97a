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
    private static final Gfp[] RECLAIM = {
        Gfp.__GFP_WAIT,
        Gfp.__GFP_DIRECT_RECLAIM,
        Gfp.__GFP_KSWAPD_RECLAIM,
        Gfp.__GFP_HIGH,
        Gfp.__GFP_ATOMIC,
        Gfp.__GFP_IO,
        Gfp.__GFP_FS,
        Gfp.__GFP_NOWARN,
        Gfp.__GFP_REPEAT,
        Gfp.__GFP_RETRY_MAYFAIL,
        Gfp.__GFP_NOFAIL,
        Gfp.__GFP_NORETRY,
        Gfp.__GFP_MEMALLOC,
        Gfp.__GFP_NOMEMALLOC,
        Gfp.__GFP_NOLOCKDEP
    };

    static GfpMasks of(GfpTable gfp, boolean dmaCaches) {
        int reclaim = 0;
        for (Gfp flag : RECLAIM) {
            reclaim |= gfp.orZero(flag);
        }
        int placement = gfp.orZero(Gfp.__GFP_HARDWALL) | gfp.orZero(Gfp.__GFP_THISNODE);
        return new GfpMasks(
                gfp.orZero(Gfp.__GFP_WAIT) | gfp.orZero(Gfp.__GFP_DIRECT_RECLAIM),
                gfp.of(Gfp.__GFP_ZERO),
                dmaCaches ? gfp.of(Gfp.__GFP_DMA) : 0,
                gfp.of(Gfp.__GFP_NOWARN),
                gfp.of(Gfp.__GFP_RECLAIMABLE),
                gfp.orZero(Gfp.__GFP_NOTRACK),
                gfp.of(Gfp.__GFP_HIGHMEM) | gfp.of(Gfp.__GFP_DMA32) | ~gfp.bitsMask(),
                reclaim | placement,
                placement);
    }
}

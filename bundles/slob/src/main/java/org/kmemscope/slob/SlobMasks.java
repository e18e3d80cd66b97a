package org.kmemscope.slob;

import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;

/**
 * The bits of a GFP mask that matter here, in the numbers of the machine's kernel.
 *
 * @param maySleep the caller may sleep
 * @param zero the object shall be zeroed
 * @param compound asks for a compound page
 * @param kernel {@code GFP_KERNEL}, for what the allocator needs itself
 * @param refused must not be set: such pages have no address in the linear mapping, or nobody knows the bit
 */
record SlobMasks(int maySleep, int zero, int compound, int kernel, int refused) {
    static SlobMasks of(GfpTable gfp) {
        int unmapped = gfp.of(Gfp.__GFP_HIGHMEM) | gfp.of(Gfp.__GFP_DMA32);
        return new SlobMasks(
                gfp.orZero(Gfp.__GFP_WAIT) | gfp.orZero(Gfp.__GFP_DIRECT_RECLAIM),
                gfp.of(Gfp.__GFP_ZERO),
                gfp.of(Gfp.__GFP_COMP),
                gfp.of(Gfp.GFP_KERNEL),
                unmapped | ~gfp.bitsMask());
    }
}

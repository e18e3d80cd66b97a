package org.kmemscope.vmalloc;

import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;

/** Masks that the vmalloc area derives from the one it is called with. */
final class Masks {
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

    private Masks() {}

    /** {@code GFP_RECLAIM_MASK}: what a mask for pages says about waiting and reclaim, without zones and contents. */
    static int reclaim(GfpTable gfp) {
        return all(gfp, RECLAIM);
    }

    /** The flags this kernel has of some, or'ed. */
    static int all(GfpTable gfp, Gfp... flags) {
        int mask = 0;
        for (Gfp flag : flags) {
            mask |= gfp.orZero(flag);
        }
        return mask;
    }
}

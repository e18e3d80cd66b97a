package org.kmemscope.zone;

import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;

/** What flags of a request mean for the allocator, by era: {@code gfp_to_alloc_flags()} and what comes around it. */
abstract class Policy {
    final int movableType;
    final int wait;
    final int high;
    final int memalloc;
    final int noMemalloc;
    final int noWarn;
    final int noFail;
    final int noRetry;
    final int repeat;
    final int thisNode;
    final int fs;
    final int comp;
    final int zero;
    final int reclaimable;
    private final int write;

    Policy(GfpTable gfp, int movableType) {
        this.movableType = movableType;
        wait = gfp.orZero(Gfp.__GFP_WAIT) | gfp.orZero(Gfp.__GFP_DIRECT_RECLAIM);
        high = gfp.orZero(Gfp.__GFP_HIGH);
        memalloc = gfp.orZero(Gfp.__GFP_MEMALLOC);
        noMemalloc = gfp.orZero(Gfp.__GFP_NOMEMALLOC);
        noWarn = gfp.orZero(Gfp.__GFP_NOWARN);
        noFail = gfp.orZero(Gfp.__GFP_NOFAIL);
        noRetry = gfp.orZero(Gfp.__GFP_NORETRY);
        repeat = gfp.orZero(Gfp.__GFP_REPEAT) | gfp.orZero(Gfp.__GFP_RETRY_MAYFAIL);
        thisNode = gfp.orZero(Gfp.__GFP_THISNODE);
        fs = gfp.orZero(Gfp.__GFP_FS);
        comp = gfp.orZero(Gfp.__GFP_COMP);
        zero = gfp.orZero(Gfp.__GFP_ZERO);
        reclaimable = gfp.orZero(Gfp.__GFP_RECLAIMABLE);
        write = gfp.orZero(Gfp.__GFP_WRITE);
    }

    /** What both attempts share. */
    abstract int common(int gfp, int migratetype);

    /** Flags of the first attempt. */
    final int fast(int gfp, int migratetype) {
        return AllocFlags.WMARK_LOW | common(gfp, migratetype) | ((gfp & write) != 0 ? AllocFlags.SPREAD_DIRTY : 0);
    }

    /** Flags of the attempts after it. */
    abstract int slow(int gfp, int order, int migratetype);

    /**
     * 2.6 and 3.x: the min watermark, less for __GFP_HIGH, less for those that cannot wait.
     *
     * <p>Since 2.6.38, who cannot wait but shall keep away from the reserves ({@code __GFP_NOMEMALLOC}) gets nothing off for it.
     */
    static final class Classic extends Policy {
        private final int cold;
        private final boolean memallocHonoured;

        Classic(GfpTable gfp, int movableType, boolean memallocHonoured) {
            super(gfp, movableType);
            cold = gfp.orZero(Gfp.__GFP_COLD);
            this.memallocHonoured = memallocHonoured;
        }

        @Override
        int common(int gfp, int migratetype) {
            return ((gfp & cold) != 0 ? AllocFlags.COLD : 0) | (migratetype == movableType ? AllocFlags.CMA : 0);
        }

        @Override
        int slow(int gfp, int order, int migratetype) {
            int flags = AllocFlags.WMARK_MIN | common(gfp, migratetype);
            if ((gfp & high) != 0) {
                flags |= AllocFlags.MIN_RESERVE;
            }
            if ((gfp & wait) == 0 && !(memallocHonoured && (gfp & noMemalloc) != 0)) {
                flags |= AllocFlags.NON_BLOCK;
            }
            return flags;
        }
    }

    /**
     * 4.4 and later: who cannot block and has __GFP_HIGH may use highatomic pageblocks for orders above 0. A boost does not hold atomic
     * requests back: those with {@code __GFP_ATOMIC}, or {@code __GFP_HIGH} where there is no such flag any more (6.3). That 6.1 goes by
     * the flag is seen in captures, where {@code __GFP_HIGH} alone stops at the boosted mark.
     */
    static final class Modern extends Policy {
        private final int kswapd;
        private final int atomic;

        Modern(GfpTable gfp, int movableType) {
            super(gfp, movableType);
            kswapd = gfp.of(Gfp.__GFP_KSWAPD_RECLAIM);
            atomic = gfp.has(Gfp.__GFP_ATOMIC) ? gfp.of(Gfp.__GFP_ATOMIC) : high;
        }

        @Override
        int common(int gfp, int migratetype) {
            return ((gfp & kswapd) != 0 ? AllocFlags.KSWAPD : 0) | (migratetype == movableType ? AllocFlags.CMA : 0);
        }

        @Override
        int slow(int gfp, int order, int migratetype) {
            int flags = AllocFlags.WMARK_MIN | common(gfp, migratetype);
            if ((gfp & high) != 0) {
                flags |= AllocFlags.MIN_RESERVE;
            }
            if ((gfp & atomic) != 0) {
                flags |= AllocFlags.IGNORE_BOOST;
            }
            if ((gfp & (wait | noMemalloc)) == 0) {
                flags |= AllocFlags.NON_BLOCK;
                if (order > 0 && (gfp & high) != 0) {
                    flags |= AllocFlags.HIGHATOMIC;
                }
            }
            return flags;
        }
    }
}

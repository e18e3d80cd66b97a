package org.kmemscope.zone;

import org.kmemscope.api.page.ZoneType;

/**
 * What happens to a request that found no zone above its low watermark ({@code __alloc_pages_slowpath}).
 *
 * <p>Time does not pass while a request is served, so waiting for others is trying again at once; a loop that Linux leaves only when
 * somebody else frees memory ends here when reclaim, compaction and the OOM killer have nothing more to give.
 */
abstract class SlowPath {
    /** {@code PAGE_ALLOC_COSTLY_ORDER}: up to it, requests are worth waiting for. */
    static final int COSTLY_ORDER = 3;

    static final int NONE = PageList.NONE;

    final ZonedPageAllocator allocator;
    final Policy policy;

    SlowPath(ZonedPageAllocator allocator) {
        this.allocator = allocator;
        this.policy = allocator.policy;
    }

    /**
     * Serves the request, or not.
     *
     * @return pfn, or {@link #NONE}
     */
    abstract int serve(int gfp, int order, int highest, int type);

    final boolean has(int gfp, int flag) {
        return (gfp & flag) != 0;
    }

    final void wakeKswapd(int order, int highest) {
        for (int zone : allocator.zonelists[highest]) {
            allocator.reclaimer.wakeKswapd(zone, order, highest);
        }
    }

    /** The last look before somebody is killed: at the high watermark, so that it only finds what was freed in between. */
    final int lookAtHighMark(int order, int highest, int type, int flags) {
        int high = flags & ~AllocFlags.WMARK_MASK | AllocFlags.WMARK_HIGH;
        return allocator.fromZonelist(order, highest, type, high);
    }

    /**
     * 2.6 and 3.x.
     *
     * <ol>
     *   <li>kswapd is woken; a try at the min watermark with what the mask is entitled to.
     *   <li>Who frees memory (PF_MEMALLOC) gets any page; who cannot wait fails.
     *   <li>Direct reclaim; for orders above 0 the per-CPU lists are drained; another try.
     *   <li>No progress, and the mask allows file systems and retries: OOM, but not for costly orders; then from the start.
     *   <li>Again, unless NORETRY: orders up to 3 always, larger ones with REPEAT, any with NOFAIL.
     * </ol>
     */
    static final class Classic extends SlowPath {
        Classic(ZonedPageAllocator allocator) {
            super(allocator);
        }

        @Override
        int serve(int gfp, int order, int highest, int type) {
            wakeKswapd(order, highest);
            int flags = policy.slow(gfp, order, type);
            int pfn = allocator.fromZonelist(order, highest, type, flags);
            if (pfn != NONE) {
                return pfn;
            }
            if (allocator.isMemalloc()) {
                return has(gfp, policy.noMemalloc)
                        ? NONE
                        : allocator.fromZonelist(order, highest, type, flags | AllocFlags.NO_WATERMARKS);
            }
            return has(gfp, policy.wait) ? reclaim(gfp, order, highest, type, flags) : NONE;
        }

        private int reclaim(int gfp, int order, int highest, int type, int flags) {
            while (true) {
                long freed = allocator.reclaimer.reclaim(gfp, order, highest);
                if (order > 0) {
                    allocator.drainAllPages();
                }
                if (freed > 0) {
                    int pfn = allocator.fromZonelist(order, highest, type, flags);
                    if (pfn != NONE) {
                        return pfn;
                    }
                } else if (has(gfp, policy.fs) && !has(gfp, policy.noRetry)) {
                    int pfn = lookAtHighMark(order, highest, type, flags);
                    if (pfn != NONE) {
                        return pfn;
                    }
                    if (order > COSTLY_ORDER && !has(gfp, policy.noFail)) {
                        return NONE;
                    }
                    allocator.killFor(gfp, order);
                    pfn = allocator.fromZonelist(order, highest, type, flags);
                    if (pfn != NONE) {
                        return pfn;
                    }
                    continue;
                } else {
                    // a retry would find what this try found: nothing is left to reclaim
                    return NONE;
                }
                boolean again = !has(gfp, policy.noRetry)
                        && (order <= COSTLY_ORDER || has(gfp, policy.repeat) || has(gfp, policy.noFail));
                if (!again) {
                    return NONE;
                }
            }
        }
    }

    /**
     * 4.6 and later.
     *
     * <ol>
     *   <li>kswapd is woken if the mask asks for it; a try at the min watermark.
     *   <li>Costly orders, and movable-unfriendly small ones, are compacted for first.
     *   <li>A second try; then, if the mask allows: direct reclaim, a try, draining and highatomic pages released, a try; compaction.
     *   <li>NORETRY ends here, and so do costly orders without RETRY_MAYFAIL.
     *   <li>Again while reclaim makes progress, or at most 16 times without, as long as everything reclaimable together would be enough.
     *   <li>OOM, but not for costly orders, RETRY_MAYFAIL, masks without __GFP_FS, or requests for zones below Normal.
     * </ol>
     */
    static final class Modern extends SlowPath {
        /** {@code MAX_RECLAIM_RETRIES}. */
        private static final int MAX_RETRIES = 16;

        Modern(ZonedPageAllocator allocator) {
            super(allocator);
        }

        @Override
        int serve(int gfp, int order, int highest, int type) {
            int flags = policy.slow(gfp, order, type);
            if ((flags & AllocFlags.KSWAPD) != 0) {
                wakeKswapd(order, highest);
            }
            int pfn = allocator.fromZonelist(order, highest, type, flags);
            if (pfn != NONE) {
                return pfn;
            }
            boolean mayReclaim = has(gfp, policy.wait);
            if (mayReclaim && order > 0 && (order > COSTLY_ORDER || type != policy.movableType)) {
                allocator.reclaimer.compact(gfp, order, highest);
            }
            pfn = allocator.fromZonelist(order, highest, type, flags);
            if (pfn != NONE) {
                return pfn;
            }
            if (allocator.isMemalloc() && !has(gfp, policy.noMemalloc)) {
                return allocator.fromZonelist(order, highest, type, flags | AllocFlags.NO_WATERMARKS);
            }
            return mayReclaim ? reclaim(gfp, order, highest, type, flags) : NONE;
        }

        private int reclaim(int gfp, int order, int highest, int type, int flags) {
            int withoutProgress = 0;
            while (true) {
                long freed = allocator.reclaimer.reclaim(gfp, order, highest);
                int pfn = allocator.fromZonelist(order, highest, type, flags);
                if (pfn == NONE) {
                    allocator.drainAllPages();
                    pfn = allocator.fromZonelist(order, highest, type, flags);
                }
                if (pfn == NONE && order > 0 && allocator.reclaimer.compact(gfp, order, highest)) {
                    pfn = allocator.fromZonelist(order, highest, type, flags);
                }
                boolean costly = order > COSTLY_ORDER;
                if (pfn != NONE || has(gfp, policy.noRetry) || costly && !has(gfp, policy.repeat | policy.noFail)) {
                    return pfn;
                }
                withoutProgress = freed > 0 && !costly ? 0 : withoutProgress + 1;
                if (withoutProgress <= MAX_RETRIES && enoughToReclaim(order, highest, flags)) {
                    continue;
                }
                pfn = lookAtHighMark(order, highest, type, flags);
                boolean normal = allocator.zones[highest].type.compareTo(ZoneType.NORMAL) >= 0;
                boolean kills = !costly && !has(gfp, policy.repeat) && has(gfp, policy.fs) && normal;
                if (pfn != NONE || !kills) {
                    return pfn;
                }
                allocator.killFor(gfp, order);
                withoutProgress = 0;
            }
        }

        /** {@code should_reclaim_retry()}: whether the request would fit if all that can be reclaimed were free. */
        private boolean enoughToReclaim(int order, int highest, int flags) {
            for (int index : allocator.zonelists[highest]) {
                Zone zone = allocator.zones[index];
                long reclaimable = allocator.reclaimer.reclaimable(index);
                long wanted = allocator.check.reduced(zone.min + zone.boost, flags) + zone.reserve[highest];
                if (reclaimable > 0 && zone.exactFree() + reclaimable - (1L << order) + 1 > wanted) {
                    return true;
                }
            }
            return false;
        }
    }
}

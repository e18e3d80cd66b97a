package org.kmemscope.machine.exchange;

import java.util.BitSet;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.SlabHandover;

/**
 * Looks at what an allocator hands over before anything of it is believed: every object that is in somebody's hands must be there once, in
 * pages that nobody else has, and every cache with its handle. What is wrong is thrown, one line.
 */
final class HandoverCheck {
    /** Flags that a frame with objects cannot have. */
    private static final int FOREIGN = PageFlag.SLAB.bit()
            | PageFlag.BUDDY.bit()
            | PageFlag.PCP.bit()
            | PageFlag.RESERVED.bit()
            | PageFlag.LRU.bit()
            | PageFlag.TABLE.bit()
            | PageFlag.HANDED_OVER.bit();

    /** In place of a number of objects that is not known. */
    static final long UNKNOWN = -1;

    private final ExchangeSite site;
    private final PageFrames frames;
    private final Caches caches;
    /** Frames of slabs before the allocator has left. */
    private final BitSet ofSlabs = new BitSet();

    private final BitSet seen = new BitSet();

    /** To be made before the allocator leaves. */
    HandoverCheck(ExchangeSite site, Caches caches) {
        this.site = site;
        this.caches = caches;
        frames = site.frames();
        for (int pfn = frames.firstPfn(); pfn < frames.endPfn(); pfn++) {
            if (frames.is(pfn, PageFlag.SLAB)) {
                ofSlabs.set(pfn);
            }
        }
    }

    /**
     * Checks a handover.
     *
     * @param liveObjects objects in slabs that users have taken and not freed, or {@link #UNKNOWN}
     */
    void check(SlabHandover handover, long liveObjects) {
        BitSet known = new BitSet();
        for (SlabHandover.Cache cache : handover.caches()) {
            int id = cache.handle().id();
            require(!known.get(id), "cache `%s' twice", cache.handle().name());
            require(
                    id <= handover.lastCacheId(),
                    "cache `%s', whose number is above the last",
                    cache.handle().name());
            known.set(id);
        }
        BitSet lost = caches.ids();
        lost.xor(known);
        require(
                lost.isEmpty(),
                "%d of %d caches",
                known.cardinality(),
                caches.ids().cardinality());
        for (SlabHandover.Block block : handover.blocks()) {
            checkFrames(block);
            checkObjects(block, known);
        }
        long inSlabs = handover.blocks().stream()
                .filter(block -> ofSlabs.get(block.pfn()))
                .mapToLong(block -> block.offsets().length)
                .sum();
        require(
                liveObjects == UNKNOWN || inSlabs == liveObjects,
                "%d objects of slabs, but users hold %d",
                inSlabs,
                liveObjects);
        for (int pfn = frames.firstPfn(); pfn < frames.endPfn(); pfn++) {
            if (frames.is(pfn, PageFlag.SLAB)) {
                require(false, "pfn 0x%x neither over nor back", pfn);
            }
        }
    }

    private void checkFrames(SlabHandover.Block block) {
        int end = block.pfn() + (1 << block.order());
        require(
                block.order() >= 0
                        && block.order() < site.pages().maxOrder()
                        && block.pfn() >= frames.firstPfn()
                        && end <= site.layout().maxLowPfn(),
                "a block of order %d at pfn 0x%x, which is not in low memory",
                block.order(),
                block.pfn());
        require(frames.count(block.pfn()) == 1, "pfn 0x%x with a count of %d", block.pfn(), frames.count(block.pfn()));
        for (int pfn = block.pfn(); pfn < end; pfn++) {
            if ((frames.flags(pfn) & FOREIGN) != 0 || seen.get(pfn)) {
                require(false, "pfn 0x%x, which has flags %s", pfn, PageFlag.of(frames.flags(pfn)));
            }
            seen.set(pfn);
        }
    }

    private static void checkObjects(SlabHandover.Block block, BitSet known) {
        int count = block.offsets().length;
        require(
                block.sizes().length == count
                        && block.caches().length == count
                        && (count > 0 || block.afterGracePeriod()),
                "pfn 0x%x with %d offsets, %d sizes and %d caches",
                block.pfn(),
                count,
                block.sizes().length,
                block.caches().length);
        int end = 0;
        for (int i = 0; i < count; i++) {
            int size = block.sizes()[i];
            int cache = block.caches()[i];
            if (block.offsets()[i] < end
                    || size <= 0
                    || block.offsets()[i] + size > Profile.PAGE_SIZE << block.order()
                    || cache != 0 && !known.get(cache)) {
                require(
                        false,
                        "pfn 0x%x with an object of %d bytes at %d, of cache %d, behind one that ends at %d",
                        block.pfn(),
                        size,
                        block.offsets()[i],
                        cache,
                        end);
            }
            end = block.offsets()[i] + size;
        }
    }

    private static void require(boolean holds, String format, Object... arguments) {
        if (!holds) {
            throw new IllegalStateException("it hands over " + String.format(format, arguments));
        }
    }
}

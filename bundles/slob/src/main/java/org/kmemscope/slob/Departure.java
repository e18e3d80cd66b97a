package org.kmemscope.slob;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.SlabHandover;

/** How the allocator leaves: what it keeps for itself goes back, what others hold is described. */
final class Departure {
    private final Basis basis;
    private final LiveBlocks blocks;
    private final PageFrames frames;
    private final Heap heap;
    private final WholePages wholePages;
    private final CacheFactory factory;
    private final GracePeriod gracePeriod;
    private final BlockFinder finder;

    Departure(
            Basis basis,
            Heap heap,
            WholePages wholePages,
            CacheFactory factory,
            GracePeriod gracePeriod,
            BlockFinder finder) {
        this.basis = basis;
        this.heap = heap;
        this.wholePages = wholePages;
        this.factory = factory;
        this.gracePeriod = gracePeriod;
        this.finder = finder;
        blocks = basis.blocks();
        frames = basis.floor().frames();
    }

    SlabHandover leave() {
        gracePeriod.end();
        List<SlabHandover.Cache> caches = new ArrayList<>();
        for (Cache cache : basis.caches().newestFirst()) {
            factory.dissolve(cache);
            caches.add(new SlabHandover.Cache(cache.handle, cache.spec));
        }
        Collections.reverse(caches);
        List<SlabHandover.Block> left = new ArrayList<>();
        for (int pfn : blocks.pages()) {
            left.add(describe(pfn));
            if (frames.is(pfn, PageFlag.SLAB)) {
                heap.forgetPage(pfn);
            } else {
                wholePages.forget(pfn);
            }
        }
        return new SlabHandover(SlobProvider.NAME, basis.caches().lastId(), caches, left);
    }

    private SlabHandover.Block describe(int pfn) {
        int count = 0;
        for (int unit = blocks.nextStart(pfn, 0);
                unit < SlobMemory.PAGE_UNITS;
                unit = blocks.nextStart(pfn, unit + 1)) {
            count++;
        }
        int[] offsets = new int[count];
        int[] sizes = new int[count];
        int[] caches = new int[count];
        boolean afterGracePeriod = false;
        int unit = -1;
        for (int i = 0; i < count; i++) {
            unit = blocks.nextStart(pfn, unit + 1);
            Cache cache = basis.caches().byKind(blocks.kind(pfn, unit));
            Place place = finder.find(address(pfn, unit, cache));
            offsets[i] = (int) (place.start() - place.page());
            sizes[i] = (int) place.bytes();
            caches[i] = cache == null ? 0 : cache.handle.id();
            afterGracePeriod |= cache != null && cache.afterGracePeriod();
        }
        int order = frames.is(pfn, PageFlag.SLAB) ? 0 : finder.orderOf(pfn);
        return new SlabHandover.Block(pfn, order, offsets, sizes, caches, "", afterGracePeriod);
    }

    /** Where the object of a block begins: behind the size that kmalloc wrote before it, if it did. */
    private long address(int pfn, int unit, Cache cache) {
        boolean hasHeader = cache == null && frames.is(pfn, PageFlag.SLAB);
        return basis.memory().address(pfn, unit) + (hasHeader ? basis.rules().kmallocAlign() : 0);
    }
}

package org.kmemscope.slob;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.SlabHandover;

/**
 * How the allocator leaves a machine.
 *
 * <ol>
 *   <li>What it holds for itself, each {@code struct kmem_cache} and each name, is dropped.
 *   <li>A page on which somebody's object is left, or one that waits for a grace period, is stripped of the allocator's marks and handed
 *       over.
 *   <li>The other pages go back to the page allocator.
 * </ol>
 *
 * <p>It goes by what is live, and reads nothing in RAM but the sizes before objects from kmalloc: so it works as well when a wild write has
 * hit the heap. Linux cannot do this.
 */
final class Departure {
    private final Basis basis;
    private final LiveBlocks blocks;
    private final PageFrames frames;
    private final Heap heap;
    private final WholePages wholePages;
    private final BlockFinder finder;
    private final List<SlabHandover.Block> left = new ArrayList<>();

    Departure(Basis basis, Heap heap, WholePages wholePages, BlockFinder finder) {
        this.basis = basis;
        this.heap = heap;
        this.wholePages = wholePages;
        this.finder = finder;
        blocks = basis.blocks();
        frames = basis.floor().frames();
    }

    SlabHandover run() {
        List<SlabHandover.Cache> caches = new ArrayList<>();
        for (Cache cache : basis.caches().newestFirst()) {
            caches.add(new SlabHandover.Cache(cache.handle, cache.spec, ""));
        }
        Collections.reverse(caches);
        for (int pfn : blocks.pages()) {
            leave(pfn);
        }
        return new SlabHandover(SlobProvider.NAME, basis.caches().lastId(), caches, left);
    }

    /** What is left of one page. */
    private static final class Remains {
        private final List<Place> objects = new ArrayList<>();
        /** Usable bytes of each. */
        private final List<Integer> sizes = new ArrayList<>();

        private final List<Integer> caches = new ArrayList<>();
        private boolean afterGracePeriod;

        void add(Place object, int size, int cache) {
            objects.add(object);
            sizes.add(size);
            caches.add(cache);
        }
    }

    private void leave(int pfn) {
        boolean inHeap = frames.is(pfn, PageFlag.SLAB);
        Remains remains = remains(pfn, inHeap);
        int order = inHeap ? 0 : finder.orderOf(pfn);
        if (inHeap) {
            heap.forgetPage(pfn);
        } else {
            wholePages.forget(pfn);
        }
        if (remains.objects.isEmpty() && !remains.afterGracePeriod) {
            basis.floor().pages().freePages(pfn, order);
            return;
        }
        left.add(new SlabHandover.Block(
                pfn,
                order,
                remains.objects.stream()
                        .mapToInt(object -> (int) (object.start() - object.page()))
                        .toArray(),
                remains.sizes.stream().mapToInt(Integer::intValue).toArray(),
                remains.caches.stream().mapToInt(Integer::intValue).toArray(),
                "",
                remains.afterGracePeriod));
    }

    private Remains remains(int pfn, boolean inHeap) {
        Remains remains = new Remains();
        int header = inHeap ? basis.rules().kmallocAlign() : 0;
        for (int unit = blocks.nextStart(pfn, 0);
                unit < SlobMemory.PAGE_UNITS;
                unit = blocks.nextStart(pfn, unit + 1)) {
            int kind = blocks.kind(pfn, unit);
            long block = basis.memory().address(pfn, unit);
            if (kind == LiveBlocks.KMALLOC) {
                Place object = finder.find(block + header);
                boolean keepsSize = !inHeap && basis.rules().largeKeepsSize();
                remains.add(object, keepsSize ? wholePages.requested(pfn) : (int) object.bytes(), 0);
            } else if (kind != LiveBlocks.NAME && kind != LiveBlocks.DESCRIPTOR) {
                Cache cache = basis.caches().byKind(kind);
                remains.afterGracePeriod |= cache.afterGracePeriod();
                if (kind > 0) {
                    Place object = finder.find(block);
                    remains.add(object, (int) object.bytes(), cache.handle.id());
                }
            }
        }
        return remains;
    }
}

package org.kmemscope.slob;

import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.phys.PageFrames;

/**
 * Objects too large for the heap: each has pages of its own, without PG_slab. From kmalloc they are compound pages, whose head tells their
 * order when they are freed; what was asked for is kept with the first page ({@code page->private} in Linux until 3.6).
 */
final class WholePages {
    private final PageAllocator pages;
    private final PageFrames frames;
    private final LiveBlocks blocks;

    WholePages(Basis basis) {
        pages = basis.floor().pages();
        frames = basis.floor().frames();
        blocks = basis.blocks();
    }

    /**
     * Takes pages for an object.
     *
     * @param requested bytes that were asked for
     * @param kind what it is, see {@link LiveBlocks}
     * @return the first frame, or {@link PageAllocator#NONE}
     */
    int take(int gfp, int order, int requested, int kind) {
        int pfn = pages.allocPages(gfp, order);
        if (pfn != PageAllocator.NONE) {
            blocks.addPage(pfn);
            blocks.set(pfn, 0, kind);
            frames.setNext(pfn, requested);
        }
        return pfn;
    }

    int requested(int pfn) {
        return frames.next(pfn);
    }

    void give(int pfn, int order) {
        forget(pfn);
        pages.freePages(pfn, order);
    }

    /** Takes the allocator's marks off the first page of an object. */
    void forget(int pfn) {
        blocks.remove(pfn, 0);
        blocks.removePage(pfn);
        frames.setNext(pfn, 0);
    }
}

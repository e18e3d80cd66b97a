package org.kmemscope.dma;

import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.PageFloor;

/**
 * Exactly as many frames as a buffer has pages: a block is split into pages, and those behind the buffer go back, lowest first. Zeroed.
 * Source: {@code __dma_alloc_buffer()} of {@code arch/arm/mm/dma-mapping.c}.
 */
final class SplitPages {
    private final PageFloor floor;

    SplitPages(PageFloor floor) {
        this.floor = floor;
    }

    /** The first frame, or -1. */
    int take(int pages, int gfp) {
        int order = Orders.ofPages(pages);
        int pfn = floor.pages().allocPages(gfp, order);
        if (pfn < 0) {
            return pfn;
        }
        floor.pages().splitPage(pfn, order);
        for (int spare = pfn + pages; spare < pfn + (1 << order); spare++) {
            floor.pages().freePages(spare, 0);
        }
        zero(floor, pfn, pages);
        return pfn;
    }

    /** {@code __dma_clear_buffer()}: zeroed, and in no line of the cache. */
    static void zero(PageFloor floor, int pfn, int pages) {
        long phys = (long) pfn << Profile.PAGE_SHIFT;
        long bytes = (long) pages << Profile.PAGE_SHIFT;
        floor.dataCache().ifPresent(cache -> cache.flush(phys, bytes));
        floor.ram().fill(phys, bytes, 0);
    }

    void give(int pfn, int pages) {
        for (int page = pfn; page < pfn + pages; page++) {
            floor.pages().freePages(page, 0);
        }
    }
}

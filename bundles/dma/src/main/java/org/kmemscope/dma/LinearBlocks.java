package org.kmemscope.dma;

import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.PageFloor;

/**
 * Blocks of the page allocator, used through the linear mapping: the caches of a PC see what devices do, so nothing need be remapped.
 * A request gets the whole block of {@code get_order(size)}, what it does not need included.
 */
final class LinearBlocks implements CoherentSource {
    private final PageFloor floor;

    LinearBlocks(PageFloor floor) {
        this.floor = floor;
    }

    @Override
    public Placed take(int pages, int gfp) {
        int order = Orders.ofPages(pages);
        int pfn = floor.pages().allocPages(gfp, order);
        return pfn < 0
                ? Placed.NONE
                : new Placed(this, floor.layout().pfnToVirt(pfn), (long) pfn << Profile.PAGE_SHIFT, 1 << order);
    }

    @Override
    public void give(Placed placed) {
        floor.pages().freePages((int) (placed.phys() >>> Profile.PAGE_SHIFT), Orders.ofPages(placed.pages()));
    }
}

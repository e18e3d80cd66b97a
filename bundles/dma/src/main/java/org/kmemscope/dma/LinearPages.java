package org.kmemscope.dma;

import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.PageFloor;

/** Pages used through the linear mapping, for ARM machines whose devices see the CPU's caches ({@code __alloc_simple_buffer()}). */
final class LinearPages implements CoherentSource {
    private final PageFloor floor;
    private final SplitPages frames;

    LinearPages(PageFloor floor) {
        this.floor = floor;
        frames = new SplitPages(floor);
    }

    @Override
    public Placed take(int pages, int gfp) {
        int pfn = frames.take(pages, gfp);
        return pfn < 0
                ? Placed.NONE
                : new Placed(this, floor.layout().pfnToVirt(pfn), (long) pfn << Profile.PAGE_SHIFT, pages);
    }

    @Override
    public void give(Placed placed) {
        frames.give((int) (placed.phys() >>> Profile.PAGE_SHIFT), placed.pages());
    }
}

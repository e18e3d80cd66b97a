package org.kmemscope.dma;

import java.util.stream.IntStream;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.vmalloc.Vmalloc;

/**
 * Pages that the CPU sees uncached in the vmalloc area: ARM from 3.6 on, where there is no area for contiguous memory. May sleep, and
 * so may giving back. Source: {@code __alloc_remap_buffer()}.
 */
final class RemappedPages implements CoherentSource {
    private final Vmalloc vmalloc;
    private final SplitPages frames;

    RemappedPages(PageFloor floor, Vmalloc vmalloc) {
        this.vmalloc = vmalloc;
        frames = new SplitPages(floor);
    }

    @Override
    public Placed take(int pages, int gfp) {
        int pfn = frames.take(pages, gfp);
        if (pfn < 0) {
            return Placed.NONE;
        }
        long virt = map(vmalloc, pfn, pages);
        if (virt == 0) {
            frames.give(pfn, pages);
            return Placed.NONE;
        }
        return new Placed(this, virt, (long) pfn << Profile.PAGE_SHIFT, pages);
    }

    /** {@code __dma_alloc_remap()}: an uncached mapping, or 0. */
    static long map(Vmalloc vmalloc, int pfn, int pages) {
        return vmalloc.vmap(IntStream.range(pfn, pfn + pages).toArray(), Protection.DMA_COHERENT);
    }

    @Override
    public void give(Placed placed) {
        vmalloc.vunmap(placed.virt());
        frames.give((int) (placed.phys() >>> Profile.PAGE_SHIFT), placed.pages());
    }
}

package org.kmemscope.dma;

import java.util.List;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.vmalloc.Vmalloc;

/**
 * Pieces of the area for contiguous memory that boot set aside (CMA): ARM from 3.5 on.
 *
 * <ol>
 *   <li>The lowest place of the area that fits, aligned to the size rounded up to a power of two, at most 2^CONFIG_CMA_ALIGNMENT pages.
 *   <li>A piece in low memory stays where it is: its pages of the linear mapping become uncached, and cached again when it is given back
 *       ({@code __dma_remap()}). A piece in high memory gets addresses in the vmalloc area.
 * </ol>
 *
 * <p>May sleep: who uses the area must move away first. Source: {@code __alloc_from_contiguous()}, {@code dma_alloc_from_contiguous()}.
 */
final class ContiguousPages implements CoherentSource {
    private static final int DEFAULT_ALIGNMENT = 8;

    private final PageFloor floor;
    private final Vmalloc vmalloc;
    private final CoherentSource otherwise;
    private final int mostOrder;
    private int startPfn;
    private int endPfn;

    /**
     * @param otherwise serves requests where boot set no area aside
     */
    ContiguousPages(PageFloor floor, Vmalloc vmalloc, CoherentSource otherwise) {
        this.floor = floor;
        this.vmalloc = vmalloc;
        this.otherwise = otherwise;
        mostOrder = floor.profile().kernel().config().integer("CMA_ALIGNMENT", DEFAULT_ALIGNMENT);
        findArea();
    }

    /** The area of a machine is its pageblocks of type CMA. */
    private void findArea() {
        PageFrames frames = floor.frames();
        int type = floor.gfp().migrateTypes().indexOf(MigrateType.CMA);
        int block = 1 << frames.pageblockOrder();
        startPfn = frames.firstPfn();
        while (startPfn < frames.endPfn() && frames.blockType(startPfn) != type) {
            startPfn = (startPfn & -block) + block;
        }
        endPfn = startPfn;
        while (endPfn < frames.endPfn() && frames.blockType(endPfn) == type) {
            endPfn += block;
        }
    }

    @Override
    public List<CoherentSource> withParts() {
        return List.of(this, otherwise);
    }

    @Override
    public Placed take(int pages, int gfp) {
        if (startPfn == endPfn) {
            return otherwise.take(pages, gfp);
        }
        floor.context().mightSleep("mm/cma.c");
        int align = Math.min(Orders.ofPages(pages), mostOrder);
        int pfn = floor.pages().allocContiguous(startPfn, endPfn, pages, align);
        if (pfn < 0) {
            return Placed.NONE;
        }
        long phys = (long) pfn << Profile.PAGE_SHIFT;
        SplitPages.zero(floor, pfn, pages);
        long virt;
        if (inLowMemory(pfn, pages)) {
            virt = floor.layout().pfnToVirt(pfn);
            protect(virt, phys, pages, Protection.DMA_COHERENT);
        } else {
            virt = RemappedPages.map(vmalloc, pfn, pages);
        }
        if (virt == 0) {
            floor.pages().freeContiguous(pfn, pages);
            return Placed.NONE;
        }
        return new Placed(this, virt, phys, pages);
    }

    @Override
    public void give(Placed placed) {
        int pfn = (int) (placed.phys() >>> Profile.PAGE_SHIFT);
        if (inLowMemory(pfn, placed.pages())) {
            protect(placed.virt(), placed.phys(), placed.pages(), Protection.KERNEL_EXEC);
        } else {
            vmalloc.vunmap(placed.virt());
        }
        floor.pages().freeContiguous(pfn, placed.pages());
    }

    private boolean inLowMemory(int pfn, int pages) {
        return pfn + pages <= floor.layout().maxLowPfn();
    }

    /** The tables are there: boot maps low memory of the area with single pages. */
    private void protect(long virt, long phys, int pages, Protection protection) {
        for (int page = 0; page < pages; page++) {
            long offset = (long) page << Profile.PAGE_SHIFT;
            floor.mmu().setEntry(virt + offset, phys + offset, protection);
        }
        floor.mmu().flushRange(virt, virt + ((long) pages << Profile.PAGE_SHIFT));
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(startPfn);
        out.putInt(endPfn);
    }

    @Override
    public void restore(StateReader in) {
        startPfn = in.getInt();
        endPfn = in.getInt();
    }
}

package org.kmemscope.dma;

import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/**
 * The region for coherent memory of ARM up to 3.5: a fixed range of addresses below 0xffe00000, 2 MiB unless the board has more, in
 * which pages appear uncached. Boot makes its page tables, so that mapping never needs memory.
 *
 * <pre>
 *   CONSISTENT_BASE = end - size                      CONSISTENT_END = 0xffe00000
 *   |            free            | buffer | free | buffer | buffer |
 * </pre>
 *
 * <p>Where in the region: see {@link SpanMap}; the alignment is that of the size, but no more than a section. The pages also stay in the
 * linear mapping, cached: who uses that address breaks the coherence. Source: {@code __dma_alloc_remap()}, {@code __dma_free_remap()}.
 */
final class ConsistentRegion implements CoherentSource {
    private static final long END = 0xffe0_0000L;
    private static final long DEFAULT_SIZE = 2L << 20;
    private static final int SECTION_SHIFT = 20;
    private static final int LPAE_SECTION_SHIFT = 21;

    private final PageFloor floor;
    private final SplitPages frames;
    private final long base;
    private final SpanMap spans;

    ConsistentRegion(PageFloor floor, SpanMap.Placement placement) {
        this.floor = floor;
        frames = new SplitPages(floor);
        long size = Math.max(DEFAULT_SIZE, floor.profile().kernel().build().consistentDma());
        base = END - size;
        boolean lpae = floor.profile().arch().tables() == ArchSpec.Tables.ARM_LPAE;
        int sectionPages = 1 << (lpae ? LPAE_SECTION_SHIFT : SECTION_SHIFT) - Profile.PAGE_SHIFT;
        spans = new SpanMap((int) (size >>> Profile.PAGE_SHIFT), placement, sectionPages);
        makeTables();
    }

    private void makeTables() {
        Mmu mmu = floor.mmu();
        for (long virt = base; virt < END; virt += mmu.largePageSize()) {
            mmu.setEntry(virt, 0, Protection.DMA_COHERENT);
            mmu.unmap(virt);
        }
        mmu.flushRange(base, END);
    }

    @Override
    public Placed take(int pages, int gfp) {
        int pfn = frames.take(pages, gfp);
        if (pfn < 0) {
            return Placed.NONE;
        }
        int first = spans.take(pages);
        if (first == SpanMap.NONE) {
            if (pages > spans.size()) {
                floor.log()
                        .printk(
                                KernelLog.WARNING,
                                String.format(
                                        "arm_vmregion_alloc: allocation too big (requested %#x)",
                                        (long) pages << Profile.PAGE_SHIFT));
            }
            frames.give(pfn, pages);
            return Placed.NONE;
        }
        long virt = base + ((long) first << Profile.PAGE_SHIFT);
        long phys = (long) pfn << Profile.PAGE_SHIFT;
        for (int page = 0; page < pages; page++) {
            long offset = (long) page << Profile.PAGE_SHIFT;
            floor.mmu().map(virt + offset, phys + offset, Protection.DMA_COHERENT);
        }
        return new Placed(this, virt, phys, pages);
    }

    @Override
    public void give(Placed placed) {
        long end = placed.virt() + ((long) placed.pages() << Profile.PAGE_SHIFT);
        for (long virt = placed.virt(); virt < end; virt += Profile.PAGE_SIZE) {
            floor.mmu().unmap(virt);
        }
        floor.mmu().flushRange(placed.virt(), end);
        spans.give((int) ((placed.virt() - base) >>> Profile.PAGE_SHIFT), placed.pages());
        frames.give((int) (placed.phys() >>> Profile.PAGE_SHIFT), placed.pages());
    }

    @Override
    public void save(StateWriter out) {
        spans.save(out);
    }

    @Override
    public void restore(StateReader in) {
        spans.restore(in);
    }
}

package org.kmemscope.machine;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.slab.SlabState;
import org.kmemscope.api.slab.SlabState.CacheState;
import org.kmemscope.api.slab.SlabState.CpuState;
import org.kmemscope.api.vmalloc.VmallocState;

/**
 * What is recorded of a machine that is cloned.
 *
 * @param pages its page allocator
 * @param slabs its caches
 * @param areas its vmalloc area
 */
record Recorded(Optional<PageState> pages, Optional<SlabState> slabs, VmallocState areas) {
    /** Nothing: a machine boots. */
    static final Recorded NOTHING = new Recorded(Optional.empty(), Optional.empty(), VmallocState.EMPTY);

    /** Per-CPU lists of orders 0 to 3 ({@code NR_LOWORDER_PCP_LISTS}). */
    private static final int LOW_ORDER_LISTS = MigrateTypes.PCPTYPES * 4;

    static Recorded of(MachineSeed seed) {
        return new Recorded(seed.pages(), seed.slabs(), seed.vmalloc());
    }

    /** Frames where boot must not put anything: they are free, or in a slab that is taken over later. */
    BitSet kept(int pageblockOrder) {
        BitSet kept = slabFrames();
        pages.map(PageState::zones).orElse(List.of()).forEach(zone -> addFree(zone, pageblockOrder, kept));
        return kept;
    }

    private static void addFree(PageState.ZoneState zone, int pageblockOrder, BitSet free) {
        for (PageState.FreeList list : zone.freeLists()) {
            add(list.pfns(), list.order(), free);
        }
        for (PageState.PerCpu cpu : zone.perCpu()) {
            for (PageState.PcpList list : cpu.lists()) {
                add(list.pfns(), orderOf(list.index(), pageblockOrder), free);
            }
        }
    }

    private static void add(int[] pfns, int order, BitSet frames) {
        for (int pfn : pfns) {
            frames.set(pfn, pfn + (1 << order));
        }
    }

    /** Order of the blocks on a per-CPU list: three lists an order since 5.14, the last two for huge pages; only order 0 before. */
    private static int orderOf(int list, int hugeOrder) {
        return list < LOW_ORDER_LISTS ? list / MigrateTypes.PCPTYPES : hugeOrder;
    }

    /** Frames of the recorded slabs. */
    BitSet slabFrames() {
        BitSet frames = new BitSet();
        for (CacheState cache : slabs.map(SlabState::caches).orElse(List.of())) {
            Stream.concat(cache.partial().stream(), cache.cpus().stream().flatMap(Recorded::slabsOf))
                    .forEach(slab -> frames.set(slab.pfn(), slab.pfn() + slab.pages()));
        }
        return frames;
    }

    private static Stream<SlabState.Slab> slabsOf(CpuState cpu) {
        return Stream.concat(cpu.slab().stream(), cpu.partial().stream());
    }
}

package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.phys.RamRange;

/**
 * The memory that boot sets aside for large contiguous buffers ({@code dma_contiguous_reserve()}).
 *
 * <pre>
 *   3.5 on    | low memory            | CMA |  high memory            |
 *   4.x on    | low memory                  |  high memory      | CMA |
 * </pre>
 *
 * <ol>
 *   <li>Size: {@code cma=}, else CONFIG_CMA_SIZE_MBYTES; rounded up to what the page allocator can isolate. 0 is none.
 *   <li>Place: the highest that is free. 3.5 to 3.12 look below the end of low memory; later kernels look in high memory first
 *       ({@code cma_declare_contiguous()}).
 *   <li>No place: the kernel says so and goes on without.
 * </ol>
 *
 * <p>The option is CONFIG_CMA up to 3.11; from 3.12 on only CONFIG_DMA_CMA makes an area for DMA.
 */
final class ContiguousReserve {
    /** The name under which boot keeps the area. */
    static final String NAME = "cma";

    private static final int MIB_SHIFT = 20;
    private static final int DEFAULT_MIB = 16;

    private final Profile profile;
    private final AddressLayout layout;

    ContiguousReserve(Profile profile, AddressLayout layout) {
        this.profile = profile;
        this.layout = layout;
    }

    /** Takes the areas: those of the board, then the kernel's own. */
    List<RamRange> take(BootMemory memory) {
        List<RamRange> areas = new ArrayList<>();
        for (MemoryRegion area : profile.bootPages().contiguous()) {
            memory.reserve(area.start(), area.end(), NAME);
            areas.add(new RamRange(area.start(), area.end()));
        }
        takeOwn(memory).ifPresent(areas::add);
        return areas;
    }

    /** The area that the configuration asks for, if there is room. */
    private Optional<RamRange> takeOwn(BootMemory memory) {
        long align = alignment();
        long size = (size() + align - 1) & -align;
        if (size == 0) {
            return Optional.empty();
        }
        long lowEnd = (long) layout.maxLowPfn() << Profile.PAGE_SHIFT;
        long end = (long) layout.maxPfn() << Profile.PAGE_SHIFT;
        boolean highFirst = version().isAtLeast(3, 13);
        long start = highFirst ? memory.highest(size, align, lowEnd, end) : -1;
        if (start < 0) {
            start = memory.highest(size, align, 0, lowEnd);
        }
        if (start < 0) {
            return Optional.empty();
        }
        memory.reserve(start, start + size, NAME);
        return Optional.of(new RamRange(start, start + size));
    }

    /** The areas that a recorded state of the page allocator has: its pageblocks of type CMA. */
    List<RamRange> recorded(PageState state, int cmaType) {
        int shift = layout.zones().pageblockOrder() + Profile.PAGE_SHIFT;
        List<RamRange> areas = new ArrayList<>();
        for (PageState.ZoneState zone : state.zones()) {
            int[] types = zone.blockTypes();
            long firstBlock = zone.startPfn() >>> layout.zones().pageblockOrder();
            int first = 0;
            while (cmaType >= 0 && first < types.length) {
                int end = first;
                while (end < types.length && types[end] == cmaType) {
                    end++;
                }
                if (first < end) {
                    areas.add(new RamRange(firstBlock + first << shift, firstBlock + end << shift));
                }
                first = end + 1;
            }
        }
        return areas;
    }

    private long size() {
        KernelConfig config = profile.kernel().config();
        boolean wanted = config.is("CMA") && (config.is("DMA_CMA") || !version().isAtLeast(3, 12));
        long built = config.number("CMA_SIZE_MBYTES", DEFAULT_MIB) << MIB_SHIFT;
        return wanted ? profile.kernel().options().size(NAME).orElse(built) : 0;
    }

    /** {@code CMA_MIN_ALIGNMENT_BYTES}: a pageblock; up to 5.18 also the largest block of the free lists. */
    private long alignment() {
        int block = layout.zones().pageblockOrder();
        int order = version().isAtLeast(5, 19) ? block : Math.max(layout.zones().maxOrder() - 1, block);
        return (long) Profile.PAGE_SIZE << order;
    }

    private KernelVersion version() {
        return profile.kernel().version();
    }
}

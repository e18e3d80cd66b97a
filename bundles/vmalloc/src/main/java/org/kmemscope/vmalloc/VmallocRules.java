package org.kmemscope.vmalloc;

import java.util.function.Supplier;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelSpec;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;

/**
 * The vmalloc area's rules of one kernel. Only {@link #of} and the factories it calls look at a version.
 *
 * @param placements makes the placement
 * @param freeing what happens when an area is freed
 * @param joinsLazy whether freed ranges that touch become one
 * @param debugPagealloc whether a freed range is unmapped and flushed at once, although its addresses are kept back
 * @param listsAll whether {@code /proc/vmallocinfo} shows vm_map_ram and what is not purged
 * @param calls what the calls check
 * @param pages where pages come from
 * @param descriptors sizes of what describes an area
 * @param blocks rules of the blocks of vm_map_ram
 * @param io rules of ioremap
 * @param speech whose words the log gets
 */
record VmallocRules(
        Supplier<Placement> placements,
        Freeing freeing,
        boolean joinsLazy,
        boolean debugPagealloc,
        boolean listsAll,
        Calls calls,
        Pages pages,
        Descriptors descriptors,
        BlockRules blocks,
        IoRules io,
        Speech speech) {
    /**
     * What the calls check.
     *
     * @param findInside whether an area is found by any of its addresses; otherwise by the first only
     * @param putOff whether vfree in an interrupt is done later; otherwise it is a BUG
     * @param vfreeMaySleep whether vfree checks for sleeping
     * @param mapsMaySleep whether vmap and vunmap check for sleeping
     * @param sleepAt the place that the report of sleeping in atomic context names; empty for the object allocator's
     */
    record Calls(boolean findInside, boolean putOff, boolean vfreeMaySleep, boolean mapsMaySleep, String sleepAt) {}

    /**
     * Where pages come from.
     *
     * @param highmemAnyway whether a mask that names no zone gets pages from high memory
     * @param quiet whether pages are asked for with {@code __GFP_NOWARN}: the vmalloc area has words of its own for a failure
     * @param arrayLikePages whether a large array of pages is asked for with the mask of the pages; otherwise with its part on
     *     reclaim, from high memory
     * @param countPresent whether a size is compared with all frames; otherwise with those the page allocator has
     */
    record Pages(boolean highmemAnyway, boolean quiet, boolean arrayLikePages, boolean countPresent) {}

    /**
     * Sizes of what describes an area, in bytes.
     *
     * @param vmStruct {@code sizeof(struct vm_struct)}
     * @param vmapArea {@code sizeof(struct vmap_area)}; 0 where there is none
     */
    record Descriptors(int vmStruct, int vmapArea) {}

    Placement newPlacement() {
        return placements.get();
    }

    static VmallocRules of(Ground ground) {
        Profile profile = ground.profile();
        KernelSpec kernel = profile.kernel();
        KernelConfig config = kernel.config();
        KernelVersion layer = vmapLayer(kernel);
        Freeing freeing = freeing(layer);
        return new VmallocRules(
                placements(layer),
                freeing,
                layer.isAtLeast(5, 11),
                config.is("DEBUG_PAGEALLOC") && freeing != Freeing.AT_ONCE,
                layer.isAtLeast(4, 15),
                new Calls(
                        layer.isAtLeast(3, 11),
                        layer.isAtLeast(3, 10),
                        layer.isAtLeast(5, 0),
                        layer.isAtLeast(2, 6, 30),
                        layer.isAtLeast(5, 11) ? "include/linux/sched/mm.h" : ""),
                new Pages(
                        layer.isAtLeast(4, 12),
                        layer.isAtLeast(2, 6, 39),
                        !layer.isAtLeast(2, 6, 37),
                        !kernel.version().isAtLeast(2, 6, 32)),
                new Descriptors(vmStruct(layer, profile.arch().tables()), vmapArea(layer)),
                BlockRules.of(layer, config),
                IoRules.of(profile),
                Speech.of(layer));
    }

    /**
     * The kernel whose vmap layer this one has. RHEL 6 calls its kernel 2.6.32 and took that of 3.0 back: areas follow each other
     * without a gap.
     */
    private static KernelVersion vmapLayer(KernelSpec kernel) {
        return kernel.release().contains(".el6") ? new KernelVersion(3, 0, 0) : kernel.version();
    }

    private static Supplier<Placement> placements(KernelVersion layer) {
        if (layer.isAtLeast(5, 2)) {
            return FreeTree::new;
        }
        if (layer.isAtLeast(3, 0)) {
            return CachedFit::new;
        }
        return layer.isAtLeast(2, 6, 28) ? () -> new FirstFit(Profile.PAGE_SIZE) : () -> new FirstFit(0);
    }

    private static Freeing freeing(KernelVersion layer) {
        if (layer.isAtLeast(2, 6, 37)) {
            return Freeing.UNMAPPED_AT_FREE;
        }
        return layer.isAtLeast(2, 6, 28) ? Freeing.UNMAPPED_AT_PURGE : Freeing.AT_ONCE;
    }

    /**
     * next, addr, size, flags, pages, nr_pages and phys_addr; {@code caller} from 2.6.26 on. The physical address has 64 bits where the
     * processor has more than 32 of them, from 3.0 on.
     */
    private static int vmStruct(KernelVersion layer, ArchSpec.Tables tables) {
        if (!layer.isAtLeast(2, 6, 26)) {
            return 28;
        }
        if (!layer.isAtLeast(3, 0)) {
            return 32;
        }
        return switch (tables) {
            case I386_PAE -> 36;
            case ARM_LPAE -> 40;
            default -> 32;
        };
    }

    /** Borders, flags, tree, list, purge list, vm_struct and RCU head; since 5.2 only borders, tree, list and one word. */
    private static int vmapArea(KernelVersion layer) {
        if (layer.isAtLeast(5, 2)) {
            return 32;
        }
        return layer.isAtLeast(2, 6, 28) ? 52 : 0;
    }
}

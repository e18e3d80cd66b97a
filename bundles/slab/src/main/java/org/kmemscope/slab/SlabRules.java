package org.kmemscope.slab;

import java.util.stream.IntStream;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelSpec;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.PageFloor;

/**
 * The SLAB's rules of one kernel on one machine: the only place in this bundle that looks at a version. They are known from 2.6.24
 * to 3.9. Later kernels rebuilt the SLAB bit by bit (indexes of one byte, management in {@code struct page}) until 6.8 dropped it;
 * a machine with such a kernel gets the rules of 3.9 and the names of its own time.
 *
 * @param geometry what the layout of slabs depends on
 * @param sizes sizes of the allocator's own structures
 * @param generalSizes sizes of the general caches, ascending ({@code malloc_sizes})
 * @param generalAlign least alignment of their objects ({@code ARCH_KMALLOC_MINALIGN})
 * @param normalName name of a general cache, a format with its size
 * @param dmaName name of its twin for ZONE_DMA
 * @param dmaCaches whether there are such twins
 * @param sharedArrays whether CPUs share arrays: only where there can be more than one
 * @param refillMarksShared whether taking from a shared array keeps the reaper off it for a turn
 * @param reportsNoMemory whether a slab that cannot be made is told in the log
 * @param warnsTooLarge whether a request above the largest general cache is told in the log
 * @param earlyGfp mask of the allocations at boot
 * @param duplicateWords what the log says of a second cache with a name; a format with the name
 * @param notEmptyWords what the log says when a cache that has objects is destroyed; a format with the name
 */
record SlabRules(
        CacheGeometry.Rules geometry,
        ControlSizes sizes,
        int[] generalSizes,
        int generalAlign,
        String normalName,
        String dmaName,
        boolean dmaCaches,
        boolean sharedArrays,
        boolean refillMarksShared,
        boolean reportsNoMemory,
        boolean warnsTooLarge,
        int earlyGfp,
        String duplicateWords,
        String notEmptyWords) {
    private static final int SMALLEST = 32;
    /** {@code KMALLOC_SHIFT_HIGH} is at most this. */
    private static final int LARGEST_SHIFT = 25;

    private static final int SHIFT_64 = 6;
    private static final int SHIFT_128 = 7;
    /** {@code __alignof__(unsigned long long)} on i386. */
    private static final int LONG_ALIGN = 8;
    /** {@code ARCH_SLAB_MINALIGN} of ARM: the EABI wants 64-bit values at multiples of 8. */
    private static final int EABI_ALIGN = 8;
    /** Slabs of two pages only with more memory than this. */
    private static final int SMALL_MACHINE_PAGES = (32 << 20) >> Profile.PAGE_SHIFT;

    static SlabRules of(PageFloor floor) {
        KernelSpec kernel = floor.profile().kernel();
        KernelVersion version = kernel.version();
        KernelConfig config = kernel.config();
        int cpus = floor.profile().cpus();
        int shift = lineShift(floor);
        boolean arm = floor.profile().arch().arch() == Arch.ARM;
        long largest = largest(floor);
        int line = arm ? 1 << shift : floor.profile().arch().cacheLine();
        boolean commonCode = version.isAtLeast(3, 7);
        boolean commonNames = version.isAtLeast(3, 10);
        return new SlabRules(
                new CacheGeometry.Rules(
                        line,
                        arm ? EABI_ALIGN : 0,
                        lastOrder(floor),
                        Long.numberOfTrailingZeros(Long.highestOneBit(largest)) - Profile.PAGE_SHIFT),
                ControlSizes.of(version, config, cpus),
                generalSizes(shift, largest),
                arm ? line : LONG_ALIGN,
                // "slab: Use common kmalloc_index/kmalloc_size functions", 3.10
                commonNames ? "kmalloc-%d" : "size-%d",
                commonNames ? "dma-kmalloc-%d" : "size-%d(DMA)",
                config.is("ZONE_DMA"),
                cpus > 1,
                // "slab: fix regression in touched logic", 2.6.34: before, it was the CPU's own array that was marked,
                // twice
                version.isAtLeast(2, 6, 34),
                // "mm: SLAB Out-of-memory diagnostics", 3.4
                version.isAtLeast(3, 4),
                // kmalloc_slab(), 3.10; before, the end of the table of sizes had no cache, and NULL was all one got
                commonNames,
                // the page allocator must not sleep before interrupts are on: told by the mask from 2.6.31 on
                floor.gfp().of(version.isAtLeast(2, 6, 31) ? Gfp.GFP_NOWAIT : Gfp.GFP_KERNEL),
                commonCode
                        ? "kmem_cache_sanity_check (%s): Cache name already exists."
                        : "kmem_cache_create: duplicate cache %s",
                commonCode
                        ? "kmem_cache_destroy %s: Slab cache still has objects"
                        : "slab error in kmem_cache_destroy(): cache `%s': Can't free all objects");
    }

    /** {@code L1_CACHE_SHIFT}: what the kernel was built for, not what it finds. */
    private static int lineShift(PageFloor floor) {
        KernelConfig config = floor.profile().kernel().config();
        int found = Integer.numberOfTrailingZeros(floor.profile().arch().cacheLine());
        return config.integer("X86_L1_CACHE_SHIFT", config.integer("ARM_L1_CACHE_SHIFT", found));
    }

    /** {@code KMALLOC_MAX_SIZE}. */
    private static long largest(PageFloor floor) {
        long told = floor.profile().kernel().kmallocMax();
        int largestBlock = floor.pages().maxOrder() - 1 + Profile.PAGE_SHIFT;
        return told != 0 ? told : 1L << Math.min(LARGEST_SHIFT, largestBlock);
    }

    /** {@code include/linux/kmalloc_sizes.h}: 96 and 192 only where they are not rounded up to the next power of two anyway. */
    private static int[] generalSizes(int lineShift, long largest) {
        return IntStream.iterate(SMALLEST, size -> size <= largest, size -> size * 2)
                .flatMap(size -> {
                    int between = size / 2 + size;
                    boolean has = between == 96 && lineShift < SHIFT_64 || between == 192 && lineShift < SHIFT_128;
                    return has ? IntStream.of(size, between) : IntStream.of(size);
                })
                .toArray();
    }

    /** {@code slab_break_gfp_order}, which {@code slab_max_order=} can set from 3.3 on. */
    private static int lastOrder(PageFloor floor) {
        KernelSpec kernel = floor.profile().kernel();
        long told = kernel.version().isAtLeast(3, 3)
                ? kernel.options().size("slab_max_order").orElse(-1L)
                : -1;
        if (told >= 0) {
            return (int) Math.min(told, floor.pages().maxOrder() - 1);
        }
        // what counts as memory: num_physpages before 2.6.32, totalram_pages since
        long pages = kernel.version().isAtLeast(2, 6, 32)
                ? floor.pages().totalPages()
                : floor.layout().maxPfn() - floor.layout().minLowPfn();
        return pages > SMALL_MACHINE_PAGES ? 1 : 0;
    }

    /** Largest size that kmalloc serves. */
    int kmallocMax() {
        return generalSizes[generalSizes.length - 1];
    }
}

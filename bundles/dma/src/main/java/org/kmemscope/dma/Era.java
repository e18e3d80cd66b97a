package org.kmemscope.dma;

import java.util.List;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.vmalloc.Vmalloc;

/**
 * The rules of one kernel, chosen once.
 *
 * <pre>
 *   i386                    2.6.24      2.6.26      2.6.33     4.17        5.0     5.3
 *     coherent memory       First       Generic                Direct
 *     streaming reach       unchecked   off by one  exact                  direct
 *     failed mapping        0                                              ~0
 *     NULL device           ISA card    fallback                                   oops
 *   ARM                     2.6.24      2.6.37      3.5        3.6         3.13    5.3     6.0
 *     coherent memory       region,     region,     pool (top  pool (first                 no mask
 *                           bottom up   top down    down), CMA fit)                        check
 *     mask                  board limit                                    all memory      direct
 *     failed mapping        ~0
 *     NULL device           board                                                  oops
 * </pre>
 *
 * <p>Known from captures: 6.1 of both. The rest is from the source of 2.6.32, 3.0, 3.6, 3.14 and from commit messages; where a change
 * came between two of them, its version is the best guess.
 *
 * @param coherent serves coherent memory
 * @param masks which masks are accepted
 * @param reach tests streaming mappings
 * @param nullDevice what a NULL device is
 * @param mappingError what a failed mapping returns
 * @param wideAddresses whether {@code dma_addr_t} has 64 bits
 * @param debugPrefixFirst whether DMA debugging names itself before the device (4.20 and later)
 * @param tellsUncheckedErrors whether DMA debugging misses {@code dma_mapping_error()} (3.8 and later)
 * @param tellsOverlaps whether DMA debugging tells of two mappings in one cache line (3.14 and later)
 * @param freeSite the file that warns of freeing with interrupts off
 * @param maintenance what happens to the data cache when a streaming buffer changes hands
 */
record Era(
        CoherentRule coherent,
        MaskSupport masks,
        Reach reach,
        NullDevice nullDevice,
        long mappingError,
        boolean wideAddresses,
        boolean debugPrefixFirst,
        boolean tellsUncheckedErrors,
        boolean tellsOverlaps,
        String freeSite,
        Maintenance maintenance) {
    static Era of(PageFloor floor, Vmalloc vmalloc) {
        Choice choice = new Choice(floor, vmalloc);
        KernelVersion version = choice.version;
        return new Era(
                choice.arm ? choice.armCoherent() : choice.x86Coherent(),
                choice.masks(),
                choice.reach(),
                choice.nullDevice(),
                choice.arm || version.isAtLeast(5, 0) ? choice.allOnes() : 0,
                choice.wide,
                version.isAtLeast(4, 20),
                version.isAtLeast(3, 8),
                version.isAtLeast(3, 14),
                choice.freeSite(),
                choice.maintenance());
    }

    /** Looks at version and options, once. */
    private static final class Choice {
        private final PageFloor floor;
        private final Vmalloc vmalloc;
        private final KernelVersion version;
        private final KernelConfig config;
        private final boolean arm;
        private final boolean wide;
        /** Whether DMA goes by the generic code for machines without an IOMMU ({@code kernel/dma/direct.c}). */
        private final boolean direct;

        Choice(PageFloor floor, Vmalloc vmalloc) {
            this.floor = floor;
            this.vmalloc = vmalloc;
            version = floor.profile().kernel().version();
            config = floor.profile().kernel().config();
            arm = floor.profile().arch().arch() == Arch.ARM;
            ArchSpec.Tables tables = floor.profile().arch().tables();
            wide = config.is("ARCH_DMA_ADDR_T_64BIT")
                    || tables == ArchSpec.Tables.I386_PAE
                    || tables == ArchSpec.Tables.ARM_LPAE;
            direct = arm ? version.isAtLeast(6, 0) : version.isAtLeast(4, 17);
        }

        /** {@code DMA_MAPPING_ERROR}: all bits of a {@code dma_addr_t}. */
        long allOnes() {
            return wide ? -1L : Masks.BITS_32;
        }

        MaskSupport masks() {
            if (direct) {
                return MaskSupport.DIRECT;
            }
            if (!arm) {
                return MaskSupport.ZONE_DMA;
            }
            return version.isAtLeast(3, 13) ? MaskSupport.ALL_MEMORY : MaskSupport.BOARD_LIMIT;
        }

        Reach reach() {
            if (arm) {
                return direct ? Reach.DIRECT : Reach.UNCHECKED;
            }
            if (version.isAtLeast(5, 0)) {
                return Reach.DIRECT;
            }
            if (version.isAtLeast(2, 6, 33)) {
                return Reach.WITHIN_MASK;
            }
            return version.isAtLeast(2, 6, 26) ? Reach.BELOW_MASK : Reach.UNCHECKED;
        }

        NullDevice nullDevice() {
            if (version.isAtLeast(5, 3)) {
                return NullDevice.OOPS;
            }
            if (arm) {
                return NullDevice.BOARD;
            }
            return version.isAtLeast(2, 6, 26) ? NullDevice.FALLBACK : NullDevice.ISA_CARD;
        }

        Maintenance maintenance() {
            if (floor.profile().arch().coherentDma()) {
                return Maintenance.NONE;
            }
            return version.isAtLeast(2, 6, 34) ? Maintenance.BEFORE_AND_AFTER : Maintenance.BEFORE;
        }

        String freeSite() {
            if (version.isAtLeast(4, 19)) {
                return "kernel/dma/mapping.c";
            }
            if (arm) {
                return "arch/arm/mm/dma-mapping.c";
            }
            return version.isAtLeast(2, 6, 26) ? "arch/x86/include/asm/dma-mapping.h" : "arch/x86/kernel/pci-dma_32.c";
        }

        CoherentRule x86Coherent() {
            if (direct) {
                return new X86Coherent.Direct(floor);
            }
            return version.isAtLeast(2, 6, 26) ? new X86Coherent.Generic(floor) : new X86Coherent.First(floor);
        }

        CoherentRule armCoherent() {
            if (floor.profile().arch().coherentDma()) {
                return arm(new LinearPages(floor), List.of());
            }
            // 3.5 brought the pool and CMA to ARMv6 and later, 3.6 to all
            boolean region = config.is("CPU_ARM926T") ? !version.isAtLeast(3, 6) : !version.isAtLeast(3, 5);
            if (region) {
                SpanMap.Placement placement =
                        version.isAtLeast(2, 6, 37) ? SpanMap.Placement.HIGHEST_ALIGNED : SpanMap.Placement.LOWEST;
                return arm(new ConsistentRegion(floor, placement), List.of());
            }
            CoherentSource source = remapping();
            int gfp = floor.gfp().of(Gfp.GFP_KERNEL) | floor.gfp().orZero(Gfp.__GFP_DMA);
            AtomicPool.Behaviour behaviour = new AtomicPool.Behaviour(
                    version.isAtLeast(3, 6) ? SpanMap.Placement.LOWEST_ALIGNED : SpanMap.Placement.HIGHEST_ALIGNED,
                    version.isAtLeast(3, 6) && !version.isAtLeast(3, 18),
                    !version.isAtLeast(4, 3));
            return arm(source, List.of(AtomicPool.boot(floor, source, gfp, behaviour)));
        }

        /** Up to 3.14 a kernel built with CMA has nothing else, even if no area was set aside; later ones look whether there is one. */
        private CoherentSource remapping() {
            boolean contiguous = config.is(version.isAtLeast(3, 12) ? "DMA_CMA" : "CMA");
            boolean nothingElse = contiguous && !version.isAtLeast(3, 15);
            CoherentSource pages = nothingElse ? CoherentSource.NOWHERE : new RemappedPages(floor, vmalloc);
            return contiguous ? new ContiguousPages(floor, vmalloc, pages) : pages;
        }

        private CoherentRule arm(CoherentSource normal, List<AtomicPool> pool) {
            return new ArmCoherent(floor, direct, masks(), normal, pool, !version.isAtLeast(3, 7));
        }
    }
}

package org.kmemscope.machine.layout;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.AddressLayout.Region;
import org.kmemscope.api.ground.ArchSpec.Tables;
import org.kmemscope.api.ground.BootOptions;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Sizes;
import org.kmemscope.api.ground.ZoneLimits;
import org.kmemscope.api.ground.ZoneLimits.PfnRange;

/**
 * The address space of i386. It is laid out from the top down:
 * <pre>
 *   PAGE_OFFSET      high_memory   VMALLOC_START      VMALLOC_END                          4G
 *   |  low memory     | 8 MiB hole  |  vmalloc         |  pkmap, ..., fixmap               |
 *                                   |<---- reserve --------->|
 * </pre>
 * <ol>
 *   <li>The options fix the size of the fixmap ({@link I386Fixmap}), that the areas below it and the end of the vmalloc area
 *       ({@link I386TopArea}).
 *   <li>From there the reserve is measured, and gives the end of low memory ({@link I386Lowmem}).
 *   <li>The vmalloc area begins behind a hole of 8 MiB that catches overruns of low memory.
 * </ol>
 */
final class I386Layout implements LayoutRule {
    private static final long VMALLOC_OFFSET = 8L << 20;
    private static final long DEFAULT_RESERVE = 128L << 20;
    private static final long LEAST_LOWMEM = 16L << 20;
    private static final long FOUR_GIB = 1L << 32;

    private final I386Fixmap fixmap;
    private final I386TopArea top;
    private final I386Lowmem.Era lowmem;
    private final Reserve reserve;

    /** How the reserve is measured, and where the vmalloc area begins. */
    enum Reserve {
        /**
         * Up to 2.6.28: from the end of the address space, so that low memory ends at 896 MiB whatever lies at the top; the vmalloc area
         * begins at a multiple of 8 MiB, 8 to 16 MiB further.
         */
        FROM_4G {
            @Override
            long size(BootOptions options) {
                return options.size("vmalloc").orElse(DEFAULT_RESERVE);
            }

            @Override
            long from(long vmallocEnd) {
                return FOUR_GIB;
            }

            @Override
            long vmallocStart(long highMemory) {
                return (highMemory + 2 * VMALLOC_OFFSET - 1) & -VMALLOC_OFFSET;
            }
        },
        /**
         * From 2.6.29: from the end of the vmalloc area, so that the area really has that size; {@code vmalloc=} is without the hole, the
         * default of 128 MiB is with it.
         */
        FROM_VMALLOC_END {
            @Override
            long size(BootOptions options) {
                return options.size("vmalloc")
                        .map(size -> size + VMALLOC_OFFSET)
                        .orElse(DEFAULT_RESERVE);
            }

            @Override
            long from(long vmallocEnd) {
                return vmallocEnd;
            }

            @Override
            long vmallocStart(long highMemory) {
                return highMemory + VMALLOC_OFFSET;
            }
        };

        abstract long size(BootOptions options);

        abstract long from(long vmallocEnd);

        abstract long vmallocStart(long highMemory);
    }

    I386Layout(I386Fixmap fixmap, I386TopArea top, I386Lowmem.Era lowmem, Reserve reserve) {
        this.fixmap = fixmap;
        this.top = top;
        this.lowmem = lowmem;
        this.reserve = reserve;
    }

    @Override
    public AddressLayout layout(Profile profile) {
        KernelConfig config = profile.kernel().config();
        Geometry geometry = Geometry.of(profile.arch().tables());
        long pageOffset = profile.arch().pageOffset();
        RamMap ram = RamMap.of(profile);
        Constants constants = new Constants()
                .put("PAGE_OFFSET", pageOffset)
                .geometry(geometry)
                .build(profile, geometry);

        I386Fixmap.Slots slots =
                fixmap.slots(config, geometry, profile.kernel().build().fixmapEntries());
        I386TopArea.Bounds bounds = top.place(slots, geometry, config, constants);
        long maxmem = maxmem(profile, bounds.vmallocEnd());
        boolean pae = profile.arch().tables() == Tables.I386_PAE;
        I386Lowmem split = I386Lowmem.split(lowmem, profile, ram, pae, maxmem);

        long highMemory = pageOffset + ((long) split.maxLowPfn() << Profile.PAGE_SHIFT);
        long vmallocStart = reserve.vmallocStart(highMemory);
        int lastPkmap = config.highmem() ? geometry.ptrsPerPte() : 0;
        long fixaddrStart = I386TopArea.top(slots.permanent());
        long kmap = I386TopArea.top(slots.kmapBegin());
        ZoneLimits zones = Zones.of(profile, geometry, split.maxLowPfn(), present(ram, split.maxPfn()));
        addConstants(constants, profile, slots, highMemory);
        constants.vmalloc(vmallocStart, bounds.vmallocEnd(), VMALLOC_OFFSET).zones(zones);
        constants.put("MODULES_VADDR", vmallocStart).put("MODULES_END", bounds.vmallocEnd());
        if (config.highmem()) {
            constants.pkmap(bounds.pkmapBase(), lastPkmap);
        }
        int firstPfn = zones.present().get(0).startPfn();
        constants.put("page_to_virt_first", pageOffset + ((long) firstPfn << Profile.PAGE_SHIFT));
        return new AddressLayout(
                pageOffset,
                0,
                firstPfn,
                split.maxLowPfn(),
                split.maxPfn(),
                highMemory,
                vmallocStart,
                bounds.vmallocEnd(),
                bounds.pkmapBase(),
                lastPkmap,
                fixaddrStart,
                I386TopArea.FIXADDR_TOP,
                config.highmem() ? kmap : 0,
                -Profile.PAGE_SIZE,
                config.highmem() ? slots.kmapPerCpu() : 0,
                regions(profile, fixaddrStart, bounds, vmallocStart, highMemory),
                constants.values(),
                zones,
                split.warnings());
    }

    /** {@code MAXMEM}; a {@code vmalloc=} that leaves hardly anything would stop a real kernel before its first message. */
    private long maxmem(Profile profile, long vmallocEnd) {
        long maxmem = reserve.from(vmallocEnd)
                - profile.arch().pageOffset()
                - reserve.size(profile.kernel().options());
        long image = profile.kernel().build().image().stream()
                .mapToLong(section -> section.end())
                .max()
                .orElse(0);
        if (maxmem < image + LEAST_LOWMEM) {
            throw new IllegalArgumentException(String.format(
                    "vmalloc=%s leaves %d MiB of low memory, too little to boot; at most %dM is possible",
                    profile.kernel().options().get("vmalloc").orElse(Sizes.format(DEFAULT_RESERVE)),
                    Math.max(0, maxmem >> 20),
                    (maxmem + reserve.size(profile.kernel().options()) - image - LEAST_LOWMEM - VMALLOC_OFFSET) >> 20));
        }
        return maxmem;
    }

    /** Kernels before 2.6.27 register one range from 0 to the end of RAM, and so count holes as present. */
    private List<PfnRange> present(RamMap ram, int maxPfn) {
        return lowmem == I386Lowmem.Era.TEXTBOOK ? List.of(new PfnRange(0, maxPfn)) : ram.below(maxPfn);
    }

    private void addConstants(Constants constants, Profile profile, I386Fixmap.Slots slots, long highMemory) {
        long pageOffset = profile.arch().pageOffset();
        constants
                .put("TASK_SIZE", pageOffset)
                .put("high_memory", highMemory)
                .put("ARCH_PFN_OFFSET", 0)
                .put("max_low_pfn_from_high_memory", (highMemory - pageOffset) >> Profile.PAGE_SHIFT)
                .put("FIXADDR_TOP", I386TopArea.FIXADDR_TOP)
                .put("FIXADDR_START", I386TopArea.top(slots.permanent()))
                .put("NR_CPUS", I386Fixmap.cpus(profile.kernel().config()));
        if (slots.kmapPerCpu() > 0) {
            constants
                    .put(fixmap == I386Fixmap.V6_1 ? "KM_MAX_IDX" : "KM_TYPE_NR", slots.kmapPerCpu())
                    .put("FIX_KMAP_BEGIN", slots.kmapBegin())
                    .put("FIX_KMAP_END", slots.kmapEnd())
                    .put("fix_to_virt_FIX_KMAP_BEGIN", I386TopArea.top(slots.kmapBegin()))
                    .put("fix_to_virt_FIX_KMAP_END", I386TopArea.top(slots.kmapEnd()));
        }
    }

    private static List<Region> regions(
            Profile profile, long fixaddrStart, I386TopArea.Bounds bounds, long vmallocStart, long highMemory) {
        List<Region> regions = new ArrayList<>();
        regions.add(new Region("fixmap", fixaddrStart, I386TopArea.FIXADDR_TOP));
        if (bounds.pkmapBase() != 0) {
            long slots = Geometry.of(profile.arch().tables()).ptrsPerPte();
            regions.add(new Region("pkmap", bounds.pkmapBase(), bounds.pkmapBase() + slots * Profile.PAGE_SIZE));
        }
        regions.add(new Region("vmalloc", vmallocStart, bounds.vmallocEnd()));
        regions.add(new Region("lowmem", profile.arch().pageOffset(), highMemory));
        ImageRows.add(regions, profile, List.of(".init", ".data", ".text"));
        return regions;
    }
}

package org.kmemscope.machine.layout;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.AddressLayout.Region;
import org.kmemscope.api.ground.AddressLayout.Warning;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.KernelBuild;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.ZoneLimits;

/**
 * The address space of 32-bit ARM. Modules and the persistent kmap area lie below PAGE_OFFSET, so that a branch of modules reaches the
 * kernel:
 * <pre>
 *   -16M      -2M      PAGE_OFFSET   high_memory  VMALLOC_START    VMALLOC_END                   0xffff0000
 *   | modules | pkmap  |  low memory  | 8 MiB hole |  vmalloc        |  (DMA region)  | fixmap  | vectors
 * </pre>
 * <ol>
 *   <li>{@link ArmVmalloc} says where low memory must end; RAM beyond is high memory, or lost without CONFIG_HIGHMEM.
 *   <li>Low memory ends with RAM if RAM ends earlier.
 *   <li>VMALLOC_START is the next multiple of 8 MiB behind the hole's begin.
 * </ol>
 * Without high memory modules reach up to PAGE_OFFSET. Source: {@code sanity_check_meminfo()} (3.x), {@code adjust_lowmem_bounds()}
 * (since), {@code mem_init()}.
 */
final class ArmLayout implements LayoutRule {
    /** The hole behind low memory that catches overruns. */
    static final long VMALLOC_OFFSET = 8L << 20;

    private static final long MODULES = 16L << 20;
    private static final long MODULES_THUMB = 8L << 20;
    private static final long VECTORS = 0xffff_0000L;
    private static final long CONSISTENT_END = 0xffe0_0000L;
    private static final long CONSISTENT_DEFAULT = 2L << 20;
    private static final long FOUR_GIB = 1L << 32;
    private static final int NOTICE = 5;
    private static final int CRIT = 2;

    /** Without LPAE an end of RAM must fit into 32 bits, so the last page below 4 GiB is lost. */
    private static final int LAST_PFN = 0xf_ffff;

    private static final int LPAE_END = 1 << 28;

    private final ArmVmalloc vmalloc;
    private final ArmFixmap fixmap;
    private final Log log;

    /** What the boot log prints, which changed. */
    enum Log {
        /** Up to 3.1: a row for the region of coherent memory; the image begins with .init. */
        WITH_DMA(List.of(".init", ".text", ".data", ".bss")),
        /** From 3.2. */
        TEXT_FIRST(List.of(".text", ".init", ".data", ".bss"));

        private final List<String> sections;

        Log(List<String> sections) {
            this.sections = sections;
        }
    }

    ArmLayout(ArmVmalloc vmalloc, ArmFixmap fixmap, Log log) {
        this.vmalloc = vmalloc;
        this.fixmap = fixmap;
        this.log = log;
    }

    @Override
    public AddressLayout layout(Profile profile) {
        KernelConfig config = profile.kernel().config();
        ArchSpec arch = profile.arch();
        Geometry geometry = Geometry.of(arch.tables());
        List<Warning> warnings = new ArrayList<>();
        RamMap ram = RamMap.of(profile);

        long lowest = vmalloc.lowest(profile, warnings);
        int limitPfn = (int) ((lowest - arch.pageOffset() + arch.physOffset()) >>> Profile.PAGE_SHIFT);
        int maxLowPfn = ram.endBelow(limitPfn);
        int maxPfn = maxPfn(profile, ram, maxLowPfn, warnings);
        long highMemory = arch.pageOffset() + ((long) maxLowPfn << Profile.PAGE_SHIFT) - arch.physOffset();
        long vmallocStart = (highMemory + VMALLOC_OFFSET) & -VMALLOC_OFFSET;
        long vmallocEnd = vmalloc.end(profile);
        long pkmap = config.highmem() ? arch.pageOffset() - geometry.pmdSize() : 0;
        int lastPkmap = config.highmem() ? geometry.ptrsPerPte() : 0;
        ArmFixmap.Slots slots = fixmap.slots(config, profile.kernel().version());
        ZoneLimits zones = Zones.of(profile, geometry, maxLowPfn, ram.below(maxPfn));

        Constants constants = new Constants()
                .put("PAGE_OFFSET", arch.pageOffset())
                .geometry(geometry)
                .build(profile, geometry);
        addConstants(constants, profile, ram.firstPfn(), highMemory);
        constants.vmalloc(vmallocStart, vmallocEnd, VMALLOC_OFFSET);
        if (config.highmem()) {
            constants.pkmap(pkmap, lastPkmap);
        }
        fixmap.constants(slots, constants).zones(zones);
        return new AddressLayout(
                arch.pageOffset(),
                arch.physOffset(),
                ram.firstPfn(),
                maxLowPfn,
                maxPfn,
                highMemory,
                vmallocStart,
                vmallocEnd,
                pkmap,
                lastPkmap,
                fixmap.start(),
                fixmap.top(),
                config.highmem() ? slots.kmap() : 0,
                slots.step(),
                config.highmem() ? slots.perCpu() : 0,
                regions(profile, vmallocStart, vmallocEnd, highMemory),
                constants.values(),
                zones,
                warnings);
    }

    /** One past the last frame the kernel uses. */
    private int maxPfn(Profile profile, RamMap ram, int maxLowPfn, List<Warning> warnings) {
        boolean lpae = Geometry.of(profile.arch().tables()).physAddrSize() == Long.BYTES;
        int limit = lpae ? LPAE_END : LAST_PFN;
        int end = ram.endBelow(limit);
        if (end != ram.endPfn()) {
            outOfReach(ram, warnings);
        }
        if (profile.kernel().config().highmem() || end <= maxLowPfn) {
            return end;
        }
        lostWithoutHighmem(maxLowPfn, end, lpae, warnings);
        return maxLowPfn;
    }

    /** Kernels that read the device tree with generic code are silent about the last page ({@code memblock_cap_size()}). */
    private void outOfReach(RamMap ram, List<Warning> warnings) {
        long start = (long) ram.firstPfn() << Profile.PAGE_SHIFT;
        long end = (long) ram.endPfn() << Profile.PAGE_SHIFT;
        if (vmalloc != ArmVmalloc.MODERN) {
            String format = "Truncating memory at 0x%08x to fit in 32-bit physical address space";
            warnings.add(new Warning(CRIT, String.format(format, start)));
        } else if (end > FOUR_GIB) {
            String format = "Ignoring memory range 0x%x - 0x%x";
            warnings.add(new Warning(KernelLog.WARNING, String.format(format, FOUR_GIB, end)));
        }
    }

    private void lostWithoutHighmem(int maxLowPfn, int end, boolean lpae, List<Warning> warnings) {
        long from = (long) maxLowPfn << Profile.PAGE_SHIFT;
        long to = (long) end << Profile.PAGE_SHIFT;
        if (vmalloc == ArmVmalloc.MODERN) {
            String format = lpae ? "Ignoring RAM at 0x%016x-0x%016x" : "Ignoring RAM at 0x%08x-0x%08x";
            warnings.add(new Warning(NOTICE, String.format(format, from, to)));
            warnings.add(new Warning(NOTICE, "Consider using a HIGHMEM enabled kernel."));
        } else {
            String format = "Ignoring RAM at %08x-%08x (vmalloc region overlap).";
            warnings.add(new Warning(NOTICE, String.format(format, from, to - 1)));
        }
    }

    private void addConstants(Constants constants, Profile profile, int firstPfn, long highMemory) {
        ArchSpec arch = profile.arch();
        KernelConfig config = profile.kernel().config();
        long modulesEnd = modulesEnd(profile);
        constants
                .put("PHYS_OFFSET", arch.physOffset())
                .put("PHYS_PFN_OFFSET", arch.physOffset() >> Profile.PAGE_SHIFT)
                .put("ARCH_PFN_OFFSET", arch.physOffset() >> Profile.PAGE_SHIFT)
                .put("TASK_SIZE", arch.pageOffset() - MODULES)
                .put("high_memory", highMemory)
                .put("MODULES_VADDR", modulesStart(profile))
                .put("MODULES_END", modulesEnd)
                .put(
                        "max_low_pfn_from_high_memory",
                        (highMemory - arch.pageOffset() + arch.physOffset()) >> Profile.PAGE_SHIFT)
                .put(
                        "page_to_virt_first",
                        arch.pageOffset() - arch.physOffset() + ((long) firstPfn << Profile.PAGE_SHIFT))
                .put("NR_CPUS", I386Fixmap.cpus(config));
        if (log == Log.WITH_DMA) {
            constants
                    .put("CONSISTENT_BASE", CONSISTENT_END - consistent(profile))
                    .put("CONSISTENT_END", CONSISTENT_END);
        }
    }

    private List<Region> regions(Profile profile, long vmallocStart, long vmallocEnd, long highMemory) {
        long pageOffset = profile.arch().pageOffset();
        List<Region> regions = new ArrayList<>();
        regions.add(new Region("vector", VECTORS, VECTORS + Profile.PAGE_SIZE));
        regions.add(new Region("fixmap", fixmap.start(), fixmap.end()));
        if (log == Log.WITH_DMA) {
            regions.add(new Region("DMA", CONSISTENT_END - consistent(profile), CONSISTENT_END));
        }
        regions.add(new Region("vmalloc", vmallocStart, vmallocEnd));
        regions.add(new Region("lowmem", pageOffset, highMemory));
        if (profile.kernel().config().highmem()) {
            regions.add(new Region("pkmap", modulesEnd(profile), pageOffset));
        }
        regions.add(new Region("modules", modulesStart(profile), modulesEnd(profile)));
        ImageRows.add(regions, profile, log.sections);
        return regions;
    }

    private static long consistent(Profile profile) {
        KernelBuild build = profile.kernel().build();
        return build.consistentDma() > 0 ? build.consistentDma() : CONSISTENT_DEFAULT;
    }

    private static long modulesStart(Profile profile) {
        boolean thumb = profile.kernel().config().is("THUMB2_KERNEL");
        return profile.arch().pageOffset() - (thumb ? MODULES_THUMB : MODULES);
    }

    private static long modulesEnd(Profile profile) {
        long pmd = Geometry.of(profile.arch().tables()).pmdSize();
        return profile.arch().pageOffset() - (profile.kernel().config().highmem() ? pmd : 0);
    }
}

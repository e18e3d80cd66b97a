package org.kmemscope.api.ground;

import java.util.List;
import java.util.Map;

/**
 * The kernel's part of the virtual address space, computed from a profile by the rules of its era. All values are virtual
 * addresses unless said otherwise; ends are exclusive.
 *
 * @param pageOffset {@code PAGE_OFFSET}
 * @param physOffset physical address behind it
 * @param minLowPfn first frame of RAM
 * @param maxLowPfn one past the last frame of low memory
 * @param maxPfn one past the last frame of RAM the kernel can use
 * @param highMemory {@code high_memory}: end of the linear mapping
 * @param vmallocStart {@code VMALLOC_START}
 * @param vmallocEnd {@code VMALLOC_END}
 * @param pkmapBase {@code PKMAP_BASE}; 0 without high memory
 * @param lastPkmap {@code LAST_PKMAP}: slots of the persistent kmap area; 0 without high memory
 * @param fixaddrStart {@code FIXADDR_START}
 * @param fixaddrTop {@code FIXADDR_TOP}; the last address of the fixmap that is used, plus one page, on ARM 2.6 and 3.x
 * @param kmapFixmap virtual address of the first kmap_atomic slot, {@code fix_to_virt(FIX_KMAP_BEGIN)}; 0 without high memory
 * @param kmapStep distance from one kmap_atomic slot to the next, in bytes; negative where the fixmap grows down
 * @param kmapSlotsPerCpu {@code KM_TYPE_NR} or {@code KM_MAX_IDX}
 * @param regions named parts, as the boot log lists them, in its order
 * @param constants further constants by their kernel names, such as {@code MODULES_VADDR}
 * @param zones how the frames are divided
 * @param warnings what the kernel says while it works this out, in its order, for the boot log
 */
public record AddressLayout(
        long pageOffset,
        long physOffset,
        int minLowPfn,
        int maxLowPfn,
        int maxPfn,
        long highMemory,
        long vmallocStart,
        long vmallocEnd,
        long pkmapBase,
        int lastPkmap,
        long fixaddrStart,
        long fixaddrTop,
        long kmapFixmap,
        int kmapStep,
        int kmapSlotsPerCpu,
        List<Region> regions,
        Map<String, Long> constants,
        ZoneLimits zones,
        List<Warning> warnings) {
    /**
     * A named part of the address space.
     *
     * @param name as the boot log prints it: {@code lowmem}, {@code vmalloc}, {@code pkmap}, {@code fixmap}
     * @param start first address
     * @param end one past the last
     */
    public record Region(String name, long start, long end) {}

    /**
     * A line for the boot log.
     *
     * @param level as {@link KernelLog#printk} takes it
     * @param text in the kernel's words; begins with {@code kmemscope:} where the kernel is silent
     */
    public record Warning(int level, String text) {}

    /** Keeps unmodifiable copies. */
    public AddressLayout {
        regions = List.copyOf(regions);
        constants = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(constants));
        warnings = List.copyOf(warnings);
    }

    /** A layout made by hand: no zones, no warnings. */
    public AddressLayout(
            long pageOffset,
            long physOffset,
            int minLowPfn,
            int maxLowPfn,
            int maxPfn,
            long highMemory,
            long vmallocStart,
            long vmallocEnd,
            long pkmapBase,
            int lastPkmap,
            long fixaddrStart,
            long fixaddrTop,
            long kmapFixmap,
            int kmapStep,
            int kmapSlotsPerCpu,
            List<Region> regions,
            Map<String, Long> constants) {
        this(
                pageOffset,
                physOffset,
                minLowPfn,
                maxLowPfn,
                maxPfn,
                highMemory,
                vmallocStart,
                vmallocEnd,
                pkmapBase,
                lastPkmap,
                fixaddrStart,
                fixaddrTop,
                kmapFixmap,
                kmapStep,
                kmapSlotsPerCpu,
                regions,
                constants,
                ZoneLimits.NONE,
                List.of());
    }

    /** Whether an address lies in the linear mapping of low memory. */
    public boolean isLinear(long virt) {
        return virt >= pageOffset && virt < highMemory;
    }

    /** {@code virt_to_phys()}: plain arithmetic, right only for the linear mapping. */
    public long virtToPhys(long virt) {
        return virt - pageOffset + physOffset;
    }

    /** {@code phys_to_virt()}: plain arithmetic in 32 bits, right only for low memory. */
    public long physToVirt(long phys) {
        return (phys - physOffset + pageOffset) & 0xffff_ffffL;
    }

    /** Linear address of a frame of low memory. */
    public long pfnToVirt(int pfn) {
        return physToVirt((long) pfn << Profile.PAGE_SHIFT);
    }

    /** Frame behind an address of the linear mapping. */
    public int virtToPfn(long virt) {
        return (int) (virtToPhys(virt) >>> Profile.PAGE_SHIFT);
    }

    /** Whether a frame has an address in the linear mapping. */
    public boolean isLowmem(int pfn) {
        return pfn < maxLowPfn;
    }
}

package org.kmemscope.machine.layout;

import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.Profile;

/**
 * What lies between the vmalloc area and the fixmap on i386. Each area begins at a multiple of what a bottom table covers (PMD), so
 * that it has tables of its own.
 * <pre>
 *   up to 4.14    vmalloc |2 pages| pkmap | (1 page) | boot fixmap | fixmap | hole 4G
 *   from 4.15     vmalloc |2 pages| pkmap | LDT remap | CPU entry areas | (1 page) | boot fixmap | fixmap | hole 4G
 * </pre>
 */
enum I386TopArea {
    /** The persistent kmap area lies right below the fixmap. Source: {@code asm/pgtable_32_types.h}. */
    CLASSIC {
        @Override
        Bounds place(I386Fixmap.Slots fixmap, Geometry geometry, KernelConfig config, Constants constants) {
            long bootStart = top(fixmap.total());
            constants.put("FIXADDR_BOOT_START", bootStart);
            long pkmap = geometry.pmdFloor(bootStart - (geometry.ptrsPerPte() + 1L) * Profile.PAGE_SIZE);
            return bounds(config, pkmap, top(fixmap.permanent()));
        }
    },
    /**
     * With page-table isolation came areas that user space maps too: the entry area of every possible CPU, and a window for the LDT.
     * They are laid out in kernels without isolation too. Source: {@code asm/pgtable_32_areas.h}.
     */
    ENTRY_AREA {
        @Override
        Bounds place(I386Fixmap.Slots fixmap, Geometry geometry, KernelConfig config, Constants constants) {
            long bootStart = top(fixmap.total());
            long entryPages = (long) I386Fixmap.cpus(config) * ENTRY_AREA_PAGES;
            long entry = geometry.pmdFloor(bootStart - (entryPages + 1) * Profile.PAGE_SIZE);
            long ldt = geometry.pmdFloor(entry - Profile.PAGE_SIZE);
            long pkmap = geometry.pmdFloor(ldt - Profile.PAGE_SIZE);
            constants
                    .put("FIXADDR_TOT_START", bootStart)
                    .put("CPU_ENTRY_AREA_BASE", entry)
                    .put("CPU_ENTRY_AREA_PAGES", entryPages)
                    .put("LDT_BASE_ADDR", ldt)
                    .put("LDT_END_ADDR", ldt + geometry.pmdSize());
            return bounds(config, pkmap, ldt);
        }
    };

    /** {@code FIXADDR_TOP}: the last page of the address space stays empty. */
    static final long FIXADDR_TOP = 0xffff_f000L;

    /** Pages of {@code struct cpu_entry_area} as of 6.1: descriptor tables, stacks, debug store. */
    private static final int ENTRY_AREA_PAGES = 43;

    private static final long VMALLOC_GAP = 2L * Profile.PAGE_SIZE;

    /**
     * Where the vmalloc area ends.
     *
     * @param pkmapBase {@code PKMAP_BASE}; 0 without high memory
     * @param vmallocEnd {@code VMALLOC_END}
     */
    record Bounds(long pkmapBase, long vmallocEnd) {}

    /** Places the areas, and adds their constants. */
    abstract Bounds place(I386Fixmap.Slots fixmap, Geometry geometry, KernelConfig config, Constants constants);

    /** Address of the last of a number of fixmap entries. */
    static long top(int entries) {
        return FIXADDR_TOP - (long) entries * Profile.PAGE_SIZE;
    }

    private static Bounds bounds(KernelConfig config, long pkmap, long without) {
        return config.highmem() ? new Bounds(pkmap, pkmap - VMALLOC_GAP) : new Bounds(0, without - VMALLOC_GAP);
    }
}

package org.kmemscope.machine.layout;

import java.util.Arrays;
import org.kmemscope.api.ground.KernelConfig;

/**
 * The fixmap of i386: pages with an address fixed when the kernel is built, counted down from {@code FIXADDR_TOP}.
 * <pre>
 *  0xfffff000 = FIXADDR_TOP                          entry n lies at FIXADDR_TOP - n pages
 *     0        FIX_HOLE, FIX_VDSO, FIX_DBGP_BASE, ... local APIC, 64 I/O APICs, ...
 *     begin    FIX_KMAP_BEGIN: NR_CPUS * KM_TYPE_NR windows for kmap_atomic
 *     ...      PCI configuration, paravirt, text_poke, ...
 *     permanent  = __end_of_permanent_fixed_addresses; FIXADDR_START lies here
 *     ...      FIX_BTMAP: windows of early_ioremap(), needed at boot only
 *     total      = __end_of_fixed_addresses; FIXADDR_BOOT_START (6.x: FIXADDR_TOT_START) lies here
 * </pre>
 * Which entries there are follows from the options; source: {@code enum fixed_addresses} of each time. An option's entry is counted
 * only if the profile names the option. Where a boot log shows another size ({@code fixmapEntries} of the profile), that is taken:
 * the entries that nobody can name are then taken to lie behind the kmap windows.
 */
enum I386Fixmap {
    /** From 2.6.24: ACPI tables have pages of their own, and kmap windows exist only with high memory. */
    V2_6_24(new KmapTypes(false, 13, 27)) {
        @Override
        int afterKmap(KernelConfig config) {
            return ACPI_PAGES * count(config, "ACPI") + count(config, "PCI_MMCONFIG", "PARAVIRT");
        }

        @Override
        int boot(int permanent, Geometry geometry, KernelConfig config) {
            return permanent + 16 + WP_TEST;
        }
    },
    /** From 2.6.26: 256 boot windows, moved to the next multiple of 256; ACPI's pages are for boot too. */
    V2_6_26(new KmapTypes(false, 13, 27)) {
        @Override
        int afterKmap(KernelConfig config) {
            return count(config, "PCI_MMCONFIG", "PARAVIRT");
        }

        @Override
        int boot(int permanent, Geometry geometry, KernelConfig config) {
            int behind = ACPI_PAGES * count(config, "ACPI") + count(config, "PROVIDE_OHCI1394_DMA_INIT");
            return nextMultiple(permanent, 256) + 256 + WP_TEST + behind;
        }
    },
    /** From 2.6.29: kmap windows without high memory too, for {@code io_mapping_map_atomic_wc()}. */
    V2_6_29(new KmapTypes(true, 13, 27)) {
        @Override
        int afterKmap(KernelConfig config) {
            return V2_6_26.afterKmap(config);
        }

        @Override
        int boot(int permanent, Geometry geometry, KernelConfig config) {
            return V2_6_26.boot(permanent, geometry, config);
        }
    },
    /** From 2.6.31: more kinds of kmap windows, two pages for {@code text_poke()}. */
    V2_6_31(new KmapTypes(true, 19, 39)) {
        @Override
        int beforeKmap(KernelConfig config) {
            return super.beforeKmap(config) + count(config, "PROVIDE_OHCI1394_DMA_INIT");
        }

        @Override
        int afterKmap(KernelConfig config) {
            return count(config, "PCI_MMCONFIG", "PARAVIRT") + TEXT_POKE_PAGES;
        }

        @Override
        int boot(int permanent, Geometry geometry, KernelConfig config) {
            return nextMultiple(permanent, 256) + 256 + WP_TEST + count(config, "INTEL_TXT");
        }
    },
    /** From 2.6.35: boot windows move only if they would straddle two page tables. */
    V2_6_35(new KmapTypes(true, 20, 41)) {
        @Override
        int beforeKmap(KernelConfig config) {
            return V2_6_31.beforeKmap(config);
        }

        @Override
        int afterKmap(KernelConfig config) {
            return V2_6_31.afterKmap(config);
        }

        @Override
        int boot(int permanent, Geometry geometry, KernelConfig config) {
            return inOneTable(permanent, 256, geometry) + 256 + WP_TEST + count(config, "INTEL_TXT");
        }
    },
    /** As of 6.1: no vDSO page, {@code KM_MAX_IDX} windows of {@code kmap_local}, error sources of ACPI, 512 boot windows. */
    V6_1(new KmapTypes(true, 16, 33)) {
        @Override
        int beforeKmap(KernelConfig config) {
            return V2_6_31.beforeKmap(config) - VDSO_PAGE;
        }

        @Override
        int afterKmap(KernelConfig config) {
            return count(config, "PCI_MMCONFIG", "PARAVIRT_XXL") + 2 * count(config, "ACPI_APEI_GHES");
        }

        @Override
        int boot(int permanent, Geometry geometry, KernelConfig config) {
            return inOneTable(permanent, 512, geometry) + 512 + WP_TEST + count(config, "INTEL_TXT");
        }
    };

    /** FIX_HOLE, FIX_DBGP_BASE, FIX_EARLYCON_MEM_BASE: always there. */
    private static final int BASE_PAGES = 3;

    private static final int VDSO_PAGE = 1;
    private static final int IO_APICS = 64;
    private static final int ACPI_PAGES = 4;
    private static final int TEXT_POKE_PAGES = 2;
    private static final int WP_TEST = 1;

    private final KmapTypes kmap;

    I386Fixmap(KmapTypes kmap) {
        this.kmap = kmap;
    }

    /**
     * Windows of kmap_atomic on one CPU.
     *
     * @param always whether they exist without high memory
     * @param types {@code KM_TYPE_NR} or {@code KM_MAX_IDX}
     * @param debugTypes the same with guards between them ({@code CONFIG_DEBUG_HIGHMEM}, {@code CONFIG_DEBUG_KMAP_LOCAL})
     */
    private record KmapTypes(boolean always, int types, int debugTypes) {}

    /**
     * The fixmap of one kernel.
     *
     * @param kmapBegin {@code FIX_KMAP_BEGIN}
     * @param kmapPerCpu {@code KM_TYPE_NR} or {@code KM_MAX_IDX}; 0 if there are no windows
     * @param kmapEnd {@code FIX_KMAP_END}, the last window
     * @param permanent {@code __end_of_permanent_fixed_addresses}
     * @param total {@code __end_of_fixed_addresses}
     */
    record Slots(int kmapBegin, int kmapPerCpu, int kmapEnd, int permanent, int total) {}

    /**
     * Counts the entries.
     *
     * @param known number of permanent entries, if the profile tells; else 0
     */
    Slots slots(KernelConfig config, Geometry geometry, int known) {
        int begin = beforeKmap(config);
        int perCpu = kmap.always || config.highmem() ? kmapPerCpu(config) : 0;
        int windows = perCpu * cpus(config);
        int permanent = known > 0 ? known : begin + windows + afterKmap(config);
        return new Slots(begin, perCpu, begin + windows - 1, permanent, boot(permanent, geometry, config));
    }

    /** {@code NR_CPUS}: 1 without SMP. */
    static int cpus(KernelConfig config) {
        return config.is("SMP") ? config.integer("NR_CPUS", 1) : 1;
    }

    /** Entries before FIX_KMAP_BEGIN. */
    int beforeKmap(KernelConfig config) {
        return BASE_PAGES
                + VDSO_PAGE
                + IO_APICS * count(config, "X86_IO_APIC")
                + count(config, "X86_LOCAL_APIC", "X86_F00F_BUG", "X86_CYCLONE_TIMER");
    }

    /** Permanent entries behind FIX_KMAP_END. */
    abstract int afterKmap(KernelConfig config);

    /** Where the entries for boot end. */
    abstract int boot(int permanent, Geometry geometry, KernelConfig config);

    private int kmapPerCpu(KernelConfig config) {
        return config.is("DEBUG_HIGHMEM") || config.is("DEBUG_KMAP_LOCAL") ? kmap.debugTypes : kmap.types;
    }

    private static int count(KernelConfig config, String... options) {
        return (int) Arrays.stream(options).filter(config::is).count();
    }

    /** The next multiple, a step further even if it is one already. */
    private static int nextMultiple(int entry, int windows) {
        return entry + windows - (entry & (windows - 1));
    }

    /** The next multiple, but only if the windows would not lie in one bottom table. */
    private static int inOneTable(int entry, int windows, Geometry geometry) {
        boolean straddle = ((entry ^ (entry + windows - 1)) & -geometry.ptrsPerPte()) != 0;
        return straddle ? nextMultiple(entry, windows) : entry;
    }
}

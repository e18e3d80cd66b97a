package org.kmemscope.capture.seed;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.page.MigrateType;

/** Options of a kernel whose configuration is not captured, as far as its files let one conclude. */
final class GuessedConfig {
    private static final String ON = "y";
    private static final int USUAL_ORDERS = 11;
    private static final int SMP_GUESS = 8;
    private static final Map<Long, String> SPLITS = Map.of(
            0xc000_0000L, "VMSPLIT_3G",
            0xb000_0000L, "VMSPLIT_3G_OPT",
            0x8000_0000L, "VMSPLIT_2G",
            0x7800_0000L, "VMSPLIT_2G_OPT",
            0x4000_0000L, "VMSPLIT_1G");

    private final Hints hints;
    private final List<String> notes;
    private final Map<String, String> options = new LinkedHashMap<>();

    private GuessedConfig(Hints hints, List<String> notes) {
        this.hints = hints;
        this.notes = notes;
    }

    /**
     * Concludes the options.
     *
     * @param notes takes what had to be assumed
     */
    static KernelConfig of(Hints hints, List<String> notes) {
        GuessedConfig guess = new GuessedConfig(hints, notes);
        if (hints.kernel().i386()) {
            guess.i386();
        } else {
            guess.arm();
        }
        guess.common();
        return new KernelConfig(guess.options);
    }

    private void i386() {
        options.put("X86_32", ON);
        boolean pae = hints.pae().orElseGet(() -> {
            notes.add("page tables: two levels assumed, as nothing in the capture speaks of PAE");
            return false;
        });
        on("X86_PAE", pae);
        if (hints.highmem()) {
            on(pae ? "HIGHMEM64G" : "HIGHMEM4G", true);
            on("HIGHMEM", true);
        }
        // all of these add pages to the fixmap; where its size is not captured, a kernel of a distribution is assumed
        for (String option : List.of("X86_LOCAL_APIC", "X86_IO_APIC", "ACPI", "PCI_MMCONFIG")) {
            on(option, true);
        }
        if (hints.fixmapEntries().isEmpty()) {
            notes.add("fixmap: size not captured, counted from the usual options");
        }
        options.put("X86_L1_CACHE_SHIFT", shift(hints.cacheLine()));
    }

    private void arm() {
        on("HIGHMEM", hints.highmem());
        on("ARM_LPAE", hints.lpae());
        options.put("ARM_L1_CACHE_SHIFT", shift(hints.cacheLine()));
    }

    private static String shift(int bytes) {
        return Integer.toString(Integer.numberOfTrailingZeros(bytes));
    }

    private void common() {
        on("ZONE_DMA", hints.zoneDma());
        on("SMP", hints.smp());
        if (hints.smp()) {
            options.put("NR_CPUS", Integer.toString(hints.nrCpus().orElse(SMP_GUESS)));
        }
        on("PREEMPT", hints.preempt());
        on(hints.slub() ? "SLUB" : "SLAB", true);
        on("HUGETLB_PAGE", hints.hugePages());
        on("TRANSPARENT_HUGEPAGE", hints.transparentHugePages());
        on("CMA", hints.hasType(MigrateType.CMA));
        on("MEMORY_ISOLATION", hints.hasType(MigrateType.ISOLATE));
        hints.hz().ifPresentOrElse(hz -> options.put("HZ", hz.toString()), () -> {
            options.put("HZ", "250");
            notes.add("HZ: 250 assumed, the boot log has no line of the delay loop's calibration");
        });
        hints.maxOrder().filter(orders -> orders != USUAL_ORDERS).ifPresent(orders -> {
            String option = hints.kernel().version().isAtLeast(6, 0) ? "ARCH_FORCE_MAX_ORDER" : "FORCE_MAX_ZONEORDER";
            options.put(option, orders.toString());
        });
        hints.pageOffset().map(SPLITS::get).ifPresent(split -> on(split, true));
    }

    private void on(String option, boolean value) {
        if (value) {
            options.put(option, ON);
        }
    }
}

package org.kmemscope.machine;

import java.util.List;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.machine.layout.LayoutBlock;

/** The lines about memory that a kernel logs at boot. */
final class BootLog {
    private BootLog() {}

    static void write(SimulatedMachine machine) {
        Profile profile = machine.profile();
        KernelLog log = machine.log();
        log.printk(KernelLog.INFO, "Linux version " + profile.kernel().release() + " (kmemscope model)");
        for (MemoryRegion region : profile.memory()) {
            if (region.kind() == MemoryRegion.Kind.RAM || region.kind() == MemoryRegion.Kind.RESERVED) {
                log.printk(
                        KernelLog.INFO,
                        String.format(
                                "physical RAM map: [mem 0x%016x-0x%016x] %s",
                                region.start(),
                                region.end() - 1,
                                region.kind() == MemoryRegion.Kind.RAM ? "usable" : "reserved"));
            }
        }
        machine.reservations().stream()
                .filter(kept -> kept.name().equals(ContiguousReserve.NAME))
                .forEach(area -> log.printk(KernelLog.INFO, contiguous(profile, area)));
        machine.layout().warnings().forEach(warning -> log.printk(warning.level(), warning.text()));
        log.printk(KernelLog.INFO, "Zone ranges:");
        List<ZoneView> zones = machine.pages().zones();
        for (ZoneView zone : zones) {
            if (zone.populated()) {
                log.printk(
                        KernelLog.INFO,
                        String.format(
                                "  %-8s [mem 0x%016x-0x%016x]",
                                zone.type().label(),
                                (long) zone.startPfn() << Profile.PAGE_SHIFT,
                                ((zone.startPfn() + zone.spanned()) << Profile.PAGE_SHIFT) - 1));
            }
        }
        log.printk(KernelLog.INFO, "Kernel command line: " + profile.kernel().options());
        long total = zones.stream().mapToLong(ZoneView::present).sum();
        long managed = machine.pages().totalPages();
        long high = zones.stream()
                .filter(zone -> zone.type().isHighmem())
                .mapToLong(ZoneView::managed)
                .sum();
        log.printk(
                KernelLog.INFO,
                String.format(
                        "Memory: %dk/%dk available (%dk reserved, %dk highmem)",
                        managed * 4, total * 4, (total - managed) * 4, high * 4));
        LayoutBlock.lines(machine.layout(), profile.arch().arch()).forEach(line -> log.printk(KernelLog.INFO, line));
        if (machine.has(SimulatedMachine.PartKind.DMA)) {
            machine.dma().bootMessages().forEach(line -> log.printk(KernelLog.INFO, line));
        }
    }

    /** Kernels up to 3.16 print the address as a bare number, later ones at the width of their physical addresses. */
    private static String contiguous(Profile profile, BootMemory.Reservation area) {
        long mib = (area.end() - area.start()) >> 20;
        boolean wide = profile.arch().tables() == ArchSpec.Tables.ARM_LPAE;
        return profile.kernel().version().isAtLeast(3, 17)
                ? String.format(
                        wide ? "cma: Reserved %d MiB at 0x%016x" : "cma: Reserved %d MiB at 0x%08x", mib, area.start())
                : String.format("cma: CMA: reserved %d MiB at %08x", mib, area.start());
    }
}

package org.kmemscope.shell.command;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.VmapAreaView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmalloc}. */
@Command(
        name = "vmalloc",
        description = "Takes whole pages for SIZE bytes that lie side by side only in virtual space. May sleep.",
        footerHeading = "%nExample:%n",
        footer = {"  v = (vmalloc 500)", "  vmalloc_to_pfn $v", "  vfree $v"})
final class Vmalloc extends KmemCommand {
    @Parameters(paramLabel = "SIZE", description = "Bytes: 100, 0x64, 4k, 3p (pages).")
    private String size;

    @Option(
            names = {"-z", "--zero"},
            description = "Zero it, as vzalloc does.")
    private boolean zero;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        long bytes = Arguments.size(size);
        int mask = kernel.gfp(Gfp.GFP_KERNEL, Gfp.__GFP_HIGHMEM);
        return answer(call, bytes, mask, zero ? kernel.vzalloc(bytes) : kernel.vmalloc(bytes));
    }

    /** What a call answered that asks for an area; fails with the reason if that is NULL. */
    static Address answer(Call call, long bytes, int gfp, long address) {
        if (address == 0) {
            throw new Failure(reason(call.machine(), gfp, bytes));
        }
        return new Address(address);
    }

    private static String reason(Machine machine, int gfp, long bytes) {
        if (bytes == 0) {
            return "NULL: vmalloc gives nothing for 0 bytes";
        }
        AddressLayout layout = machine.layout();
        if (bytes > layout.vmallocEnd() - layout.vmallocStart()) {
            return String.format(
                    "NULL: %d bytes do not fit into the vmalloc area, 0x%08x to 0x%08x",
                    bytes, layout.vmallocStart(), layout.vmallocEnd());
        }
        long largest = largestHole(machine);
        long wanted = (bytes + Profile.PAGE_SIZE - 1) / Profile.PAGE_SIZE * Profile.PAGE_SIZE + Profile.PAGE_SIZE;
        if (wanted > largest) {
            return String.format(
                    "NULL: %d bytes are wanted, the guard page included; the largest hole of the vmalloc area has %d (see vmallocinfo)",
                    wanted, largest);
        }
        return Shortage.ofPages(machine, gfp, 0);
    }

    /** Bytes of the largest range without an area; what was given up has been purged before a request fails. */
    private static long largestHole(Machine machine) {
        List<VmapAreaView> areas =
                new ArrayList<>(machine.locked(() -> machine.vmalloc().state()).areas());
        areas.sort(Comparator.comparingLong(VmapAreaView::start));
        long largest = 0;
        long end = machine.layout().vmallocStart();
        for (VmapAreaView area : areas) {
            if (area.start() < machine.layout().vmallocEnd()) {
                largest = Math.max(largest, area.start() - end);
                end = Math.max(end, area.end());
            }
        }
        return Math.max(largest, machine.layout().vmallocEnd() - end);
    }
}

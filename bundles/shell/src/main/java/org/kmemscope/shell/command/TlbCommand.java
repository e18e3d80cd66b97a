package org.kmemscope.shell.command;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.mmu.TlbEntry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tlb}. */
@Command(
        name = "tlb",
        description = "Entries of the TLBs; those that the page tables contradict are marked stale.",
        footerHeading = "%nExample:%n",
        footer = "  tlb | grep stale")
final class TlbCommand extends ViewCommand<TlbCommand.TlbView> {
    @Option(names = "--cpu", paramLabel = "N", description = "Only this CPU's.")
    private Integer cpu;

    /** The TLBs. */
    record TlbView(List<TlbEntry> entries, Mmu.TlbCounters counters) {}

    @Override
    TlbView view(Call call) {
        Machine machine = call.machine();
        int cpus = machine.profile().cpus();
        if (cpu != null && (cpu < 0 || cpu >= cpus)) {
            throw new Failure("cpu " + cpu + " is not online; there are " + cpus);
        }
        return machine.locked(() -> {
            List<TlbEntry> entries = new ArrayList<>();
            for (int i = 0; i < cpus; i++) {
                if (cpu == null || cpu == i) {
                    entries.addAll(machine.mmu().tlb(i));
                }
            }
            return new TlbView(entries, machine.mmu().counters());
        });
    }

    @Override
    String text(Call call, TlbView view) {
        Table table = new Table("CPU", "VIRTUAL", "PHYSICAL", "RIGHTS", "SIZE", "STATE");
        for (TlbEntry entry : view.entries()) {
            table.row(
                    entry.cpu(),
                    String.format("0x%08x", entry.virt()),
                    String.format("0x%08x", entry.phys()),
                    entry.writable() ? "rw" : "ro",
                    entry.large() ? "large" : "page",
                    entry.stale() ? "stale" : "");
        }
        Mmu.TlbCounters counters = view.counters();
        return table
                + String.format(
                        "%d hits, %d misses, %d flushes\n", counters.hits(), counters.misses(), counters.flushes());
    }
}

package org.kmemscope.shell.command;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.dcache.DataCache;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.CacheLineView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dcache}. */
@Command(
        name = "dcache",
        description = "Lines of the CPU's data cache, on machines whose devices do not see it.",
        footerHeading = "%nExample:%n",
        footer = {"  dcache", "  dcache $p 256", "  dcache --not-clean"})
final class Dcache extends ViewCommand<Dcache.DcacheView> {
    private static final int SHOWN = 32;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "ADDRESS",
            description = "Only lines from this address on.",
            completionCandidates = Live.Anything.class)
    private String address;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "LENGTH",
            description = "How many bytes from there; a line if it is missing.")
    private String length;

    @Option(names = "--not-clean", description = "Only lines that differ from memory.")
    private boolean notClean;

    /** The cache. */
    record DcacheView(String name, List<CacheLineView> lines, DataCache.Counters counters) {}

    @Override
    DcacheView view(Call call) {
        Machine machine = call.machine();
        return machine.locked(() -> {
            Optional<DataCache> cache = machine.dataCache();
            if (cache.isEmpty()) {
                return new DcacheView("", List.of(), new DataCache.Counters(0, 0, 0, 0, 0));
            }
            long line = cache.get().geometry().lineSize();
            long from = address == null ? 0 : physical(call, machine) & -line;
            long to = address == null
                    ? Long.MAX_VALUE
                    : physical(call, machine) + (length == null ? 1 : Arguments.size(length));
            List<CacheLineView> lines = cache.get().lines().stream()
                    .filter(view -> view.phys() >= from && view.phys() < to)
                    .filter(view -> !notClean || !view.state().equals("clean"))
                    .toList();
            return new DcacheView(cache.get().name(), lines, cache.get().counters());
        });
    }

    private long physical(Call call, Machine machine) {
        long virt = call.arguments().virtual(address);
        long phys = machine.mmu().lookup(virt);
        if (phys < 0) {
            throw new Failure(address + " is mapped to nothing");
        }
        return phys;
    }

    @Override
    String text(Call call, DcacheView view) {
        if (view.name().isEmpty()) {
            return "none: the devices of this machine see the CPU's caches\n";
        }
        StringBuilder text = new StringBuilder();
        Table table = new Table("LINE", "STATE", "DIRTY", "STALE", "CPU SEES", "MEMORY HOLDS", "WRITTEN AT");
        boolean single = address != null;
        view.lines().stream()
                .limit(single ? Integer.MAX_VALUE : SHOWN)
                .forEach(line -> table.row(
                        String.format("0x%08x", line.phys()),
                        line.state(),
                        line.dirty(),
                        line.stale(),
                        bytes(line.cached()),
                        line.state().equals("clean") ? "the same" : bytes(line.memory()),
                        line.writer()));
        text.append(table);
        if (!single && view.lines().size() > SHOWN) {
            text.append("... and ").append(view.lines().size() - SHOWN).append(" more\n");
        }
        DataCache.Counters counters = view.counters();
        return text
                + String.format(
                        "%s: %d hits, %d misses, %d written back, %d stale reads by the CPU, %d by devices\n",
                        view.name(),
                        counters.hits(),
                        counters.misses(),
                        counters.writebacks(),
                        counters.staleReads(),
                        counters.staleDeviceReads());
    }

    /** The first bytes of a line, as letters. */
    private static String bytes(String hex) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(hex.length(), 2 * SHOWN); i += 2) {
            char c = (char) Integer.parseInt(hex.substring(i, i + 2), 16);
            text.append(c > ' ' && c <= '~' ? c : '.');
        }
        return text.toString();
    }
}

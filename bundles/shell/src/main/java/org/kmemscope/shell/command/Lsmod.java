package org.kmemscope.shell.command;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.HoldingView;
import org.kmemscope.api.view.ModuleView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lsmod}. */
@Command(
        name = "lsmod",
        description = "Loaded modules of the current machine; their size is the memory they hold.",
        footerHeading = "%nExample:%n",
        footer = {"  lsmod -v", "  lsmod -a"})
final class Lsmod extends ViewCommand<List<Lsmod.Row>> {
    @Option(
            names = {"-a", "--all"},
            description = "Also modules that are not loaded.")
    private boolean all;

    @Option(
            names = {"-v", "--verbose"},
            description = "Each thing that they hold.")
    private boolean verbose;

    /** A module. */
    record Row(String name, boolean loaded, long liveBytes, long live, List<HoldingView> holdings) {}

    @Override
    List<Row> view(Call call) {
        Machine machine = call.machine();
        List<Row> rows = new ArrayList<>();
        for (ModuleView module : machine.modules().list()) {
            rows.add(new Row(
                    module.name(),
                    true,
                    module.liveBytes(),
                    module.live(),
                    machine.modules().holdings(module.name())));
        }
        if (all) {
            call.desk().modules().installed().stream()
                    .filter(name -> rows.stream().noneMatch(row -> row.name().equals(name)))
                    .forEach(name -> rows.add(new Row(name, false, 0, 0, List.of())));
        }
        return rows;
    }

    @Override
    String text(Call call, List<Row> view) {
        StringBuilder text = new StringBuilder("Module                  Size  Used by\n");
        for (Row row : view) {
            text.append(String.format(
                    "%-19s %8d  %s\n", row.name(), row.liveBytes(), row.loaded() ? "0" : "- (not loaded)"));
            if (verbose) {
                row.holdings()
                        .forEach(holding -> text.append(String.format(
                                "  %-10s %8d  %s at %s\n",
                                holding.where(), holding.bytes(), holding.kind(), holding.site())));
            }
        }
        return text.toString();
    }
}

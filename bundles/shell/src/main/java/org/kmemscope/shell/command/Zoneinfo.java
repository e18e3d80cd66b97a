package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.api.view.Views;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.shell.print.ZoneinfoPrinter;
import picocli.CommandLine.Command;

/** {@code zoneinfo}. */
@Command(
        name = "zoneinfo",
        description = "Zones with their watermarks, reserves, per-CPU lists and counters, as /proc/zoneinfo.",
        footerHeading = "%nExample:%n",
        footer = "  zoneinfo | grep -A 4 DMA")
final class Zoneinfo extends ViewCommand<Zoneinfo.NodeView> {
    /** A node: its counters, where the kernel has such, and its zones. */
    record NodeView(List<CounterView> nodeStatistics, List<ZoneView> zones) {}

    @Override
    NodeView view(Call call) {
        Views views = call.views();
        return new NodeView(views.nodeStatistics(), views.zones());
    }

    @Override
    String text(Call call, NodeView view) {
        return ZoneinfoPrinter.text(call.views().version(), view.zones(), view.nodeStatistics());
    }
}

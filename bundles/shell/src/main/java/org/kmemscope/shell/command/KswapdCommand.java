package org.kmemscope.shell.command;

import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.reclaim.KswapdView;
import picocli.CommandLine.Command;

/** {@code kswapd}. */
@Command(
        name = "kswapd",
        description = "What kswapd does, how dirty the page cache is, and what kswapd aims at in each zone, in pages.",
        footerHeading = "%nExample:%n",
        footer = "  kswapd")
final class KswapdCommand extends ViewCommand<KswapdView> {
    @Override
    KswapdView view(Call call) {
        Machine machine = call.machine();
        return machine.locked(() -> machine.reclaim().kswapd());
    }

    @Override
    String text(Call call, KswapdView view) {
        StringBuilder text = new StringBuilder(String.format(
                "kswapd0 (%d) %s, order %d, priority %d%s\n",
                view.pid(),
                view.state(),
                view.order(),
                view.priority(),
                view.failures() > 0 ? ", failed " + view.failures() + " times in a row" : ""));
        text.append(String.format(
                "dirty %d, writeback %d; the flusher starts above %d, who writes waits above %d\n",
                view.dirty(), view.writeback(), view.backgroundThreshold(), view.dirtyThreshold()));
        Table table = new Table("ZONE", "FREE", "LOW", "HIGH", "SCANNED", "ALL_UNRECLAIMABLE");
        view.zones()
                .forEach(zone -> table.row(
                        zone.zone(),
                        zone.free(),
                        zone.low(),
                        zone.high(),
                        zone.scanned() < 0 ? "-" : zone.scanned(),
                        zone.unreclaimable() ? "yes" : "no"));
        return text.append(table).toString();
    }
}

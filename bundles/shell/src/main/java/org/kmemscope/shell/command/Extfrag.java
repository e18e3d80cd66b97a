package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.debug.WorkMeasure.Fragmentation;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.shell.print.ExtfragPrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code extfrag}. */
@Command(
        name = "extfrag",
        description = {
            "How fragmented free memory is, by zone and order, as /sys/kernel/debug/extfrag/unusable_index: the part of it that is of no"
                    + " use to a request of the order."
        },
        footerHeading = "%nExample:%n",
        footer = {"  extfrag", "  extfrag --index | grep DMA"})
final class Extfrag extends ViewCommand<List<Fragmentation>> {
    @Option(
            names = "--index",
            description =
                    "As extfrag_index: -1.000 where a request would not fail; towards 0 it fails for lack of memory, towards 1"
                            + " because of fragmentation.")
    private boolean index;

    @Override
    List<Fragmentation> view(Call call) {
        return call.views().zones().stream()
                .filter(ZoneView::populated)
                .map(Fragmentation::of)
                .toList();
    }

    @Override
    String text(Call call, List<Fragmentation> view) {
        return index ? ExtfragPrinter.fragmentation(view) : ExtfragPrinter.unusable(view);
    }
}

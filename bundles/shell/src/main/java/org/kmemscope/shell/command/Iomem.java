package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.view.ResourceView;
import org.kmemscope.shell.print.IomemPrinter;
import picocli.CommandLine.Command;

/** {@code iomem}. */
@Command(
        name = "iomem",
        description = "The physical memory map, as /proc/iomem.",
        footerHeading = "%nExample:%n",
        footer = "  iomem")
final class Iomem extends ViewCommand<List<ResourceView>> {
    @Override
    List<ResourceView> view(Call call) {
        return call.views().iomem();
    }

    @Override
    String text(Call call, List<ResourceView> view) {
        return IomemPrinter.text(view);
    }
}

package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.view.Views;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.shell.print.VmallocinfoPrinter;
import picocli.CommandLine.Command;

/** {@code vmallocinfo}. */
@Command(
        name = "vmallocinfo",
        description = "Areas of the vmalloc space, as /proc/vmallocinfo.",
        footerHeading = "%nExample:%n",
        footer = "  vmallocinfo")
final class Vmallocinfo extends ViewCommand<List<VmapAreaView>> {
    private static final String PHYS_SIZE = "sizeof(phys_addr_t)";

    @Override
    List<VmapAreaView> view(Call call) {
        return call.views().vmapAreas();
    }

    @Override
    String text(Call call, List<VmapAreaView> view) {
        Views views = call.views();
        boolean wide = views.layout().constants().getOrDefault(PHYS_SIZE, 0L) == Long.BYTES;
        return VmallocinfoPrinter.text(views.version(), view, wide);
    }
}

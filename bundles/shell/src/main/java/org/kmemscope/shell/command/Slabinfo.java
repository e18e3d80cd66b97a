package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.shell.print.SlabinfoPrinter;
import picocli.CommandLine.Command;

/** {@code slabinfo}. */
@Command(
        name = "slabinfo",
        description = "Caches of the object allocator, as /proc/slabinfo.",
        footerHeading = "%nExample:%n",
        footer = "  slabinfo | grep kmalloc")
final class Slabinfo extends ViewCommand<List<SlabCacheView>> {
    @Override
    List<SlabCacheView> view(Call call) {
        return call.views().slabCaches();
    }

    @Override
    String text(Call call, List<SlabCacheView> view) {
        return SlabinfoPrinter.text(view);
    }
}

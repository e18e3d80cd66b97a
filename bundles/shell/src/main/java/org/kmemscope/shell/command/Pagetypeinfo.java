package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.shell.print.PagetypeinfoPrinter;
import picocli.CommandLine.Command;

/** {@code pagetypeinfo}. */
@Command(
        name = "pagetypeinfo",
        description = "Free blocks by mobility, as /proc/pagetypeinfo.",
        footerHeading = "%nExample:%n",
        footer = "  pagetypeinfo")
final class Pagetypeinfo extends ViewCommand<List<ZoneView>> {
    @Override
    List<ZoneView> view(Call call) {
        return call.views().zones();
    }

    @Override
    String text(Call call, List<ZoneView> view) {
        return PagetypeinfoPrinter.text(
                call.views().version(), view, call.views().migrateTypes());
    }
}

package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.shell.print.BuddyinfoPrinter;
import picocli.CommandLine.Command;

/** {@code buddyinfo}. */
@Command(
        name = "buddyinfo",
        description = "Free blocks of each order in each zone, as /proc/buddyinfo.",
        footerHeading = "%nExample:%n",
        footer = "  buddyinfo | grep DMA")
final class Buddyinfo extends ViewCommand<List<ZoneView>> {
    @Override
    List<ZoneView> view(Call call) {
        return call.views().zones();
    }

    @Override
    String text(Call call, List<ZoneView> view) {
        return BuddyinfoPrinter.text(view);
    }
}

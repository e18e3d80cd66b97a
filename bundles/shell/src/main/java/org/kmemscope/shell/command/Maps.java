package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.view.UserAreaView;
import org.kmemscope.shell.print.SmapsPrinter;
import picocli.CommandLine.Command;

/** {@code maps}. */
@Command(
        name = "maps",
        description = "Areas of a process, as /proc/PID/maps.",
        footerHeading = "%nExample:%n",
        footer = "  maps $pid")
final class Maps extends AreasCommand {
    @Override
    String text(Call call, List<UserAreaView> view) {
        return SmapsPrinter.maps(view);
    }
}

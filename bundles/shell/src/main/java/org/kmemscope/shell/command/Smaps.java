package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.view.UserAreaView;
import org.kmemscope.shell.print.SmapsPrinter;
import picocli.CommandLine.Command;

/** {@code smaps}. */
@Command(
        name = "smaps",
        description = "Areas of a process with what of them is in memory, as /proc/PID/smaps.",
        footerHeading = "%nExample:%n",
        footer = "  smaps $pid")
final class Smaps extends AreasCommand {
    @Override
    String text(Call call, List<UserAreaView> view) {
        return SmapsPrinter.smaps(call.views().version(), view);
    }
}

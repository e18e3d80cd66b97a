package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.UserAreaView;
import org.kmemscope.shell.print.SmapsPrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code smaps}. */
@Command(
        name = "smaps",
        description = "Areas of a process with what of them is in memory, as /proc/PID/smaps.",
        footerHeading = "%nExample:%n",
        footer = "  smaps $pid")
final class Smaps extends ViewCommand<List<UserAreaView>> {
    @Parameters(paramLabel = "PID", description = "A process.", completionCandidates = Candidates.Pids.class)
    private int pid;

    @Override
    List<UserAreaView> view(Call call) {
        Machine machine = call.machine();
        return machine.locked(() -> machine.processes().areas(pid));
    }

    @Override
    String text(Call call, List<UserAreaView> view) {
        return SmapsPrinter.smaps(call.views().version(), view);
    }
}

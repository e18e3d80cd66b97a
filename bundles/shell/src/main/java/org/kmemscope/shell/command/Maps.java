package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.UserAreaView;
import org.kmemscope.shell.print.SmapsPrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code maps}. */
@Command(
        name = "maps",
        description = "Areas of a process, as /proc/PID/maps.",
        footerHeading = "%nExample:%n",
        footer = "  maps $pid")
final class Maps extends ViewCommand<List<UserAreaView>> {
    @Parameters(paramLabel = "PID", description = "A process.", completionCandidates = Candidates.Pids.class)
    private int pid;

    @Override
    List<UserAreaView> view(Call call) {
        Machine machine = call.machine();
        return machine.locked(() -> machine.processes().areas(pid));
    }

    @Override
    String text(Call call, List<UserAreaView> view) {
        return SmapsPrinter.maps(view);
    }
}

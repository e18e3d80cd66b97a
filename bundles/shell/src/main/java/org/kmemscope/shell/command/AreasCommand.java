package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.UserAreaView;
import picocli.CommandLine.Parameters;

/** A command that shows the areas of a process. */
abstract class AreasCommand extends ViewCommand<List<UserAreaView>> {
    @Parameters(paramLabel = "PID", description = "A process.", completionCandidates = Candidates.Pids.class)
    private int pid;

    @Override
    final List<UserAreaView> view(Call call) {
        Machine machine = call.machine();
        return machine.locked(() -> machine.processes().areas(pid));
    }
}

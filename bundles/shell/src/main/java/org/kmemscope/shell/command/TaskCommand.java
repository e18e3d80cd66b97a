package org.kmemscope.shell.command;

import org.kmemscope.api.reclaim.UserTasks;
import picocli.CommandLine.Parameters;

/** Something that is done to one task. */
abstract class TaskCommand extends KmemCommand {
    @Parameters(index = "0", paramLabel = "PID", description = "A task.", completionCandidates = Candidates.Pids.class)
    private int pid;

    /** Does it; the machine's lock is held. */
    abstract void run(UserTasks tasks, int task);

    @Override
    final Object run(Call call) {
        return call.kernelCall("task", () -> {
            run(call.machine().userTasks(), pid);
            return NOTHING;
        });
    }
}

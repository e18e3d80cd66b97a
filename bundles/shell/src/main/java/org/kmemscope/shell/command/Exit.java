package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code exit}. */
@Command(
        name = "exit",
        description = "Leaves, as Ctrl-D does; with a PID, that process leaves.",
        footerHeading = "%nExample:%n",
        footer = {"  exit", "  exit $pid"})
final class Exit extends KmemCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "PID",
            description = "A process: exit_mmap gives all its memory back.",
            completionCandidates = Candidates.Pids.class)
    private Integer pid;

    @Override
    Object run(Call call) {
        if (pid != null) {
            return call.kernelCall("exit", () -> {
                call.machine().userTasks().exit(pid);
                return NOTHING;
            });
        }
        throw new Leave();
    }
}

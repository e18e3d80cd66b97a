package org.kmemscope.shell.command;

import org.kmemscope.api.process.Processes;
import picocli.CommandLine.Command;

/** {@code fork}. */
@Command(
        name = "fork",
        description =
                "Copies a process; the two share their pages until one of them writes. Answers the process id of the copy.",
        footerHeading = "%nExample:%n",
        footer = "  child = (fork $parent)")
final class Fork extends ProcessCommand {
    @Override
    Object run(Processes processes, int process) {
        int child = processes.fork(process);
        if (child == Processes.NO_MEMORY) {
            throw new IllegalArgumentException("Cannot allocate memory");
        }
        return new Pid(child);
    }
}

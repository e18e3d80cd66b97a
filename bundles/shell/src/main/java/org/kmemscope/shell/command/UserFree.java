package org.kmemscope.shell.command;

import org.kmemscope.api.process.Processes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code free}. */
@Command(
        name = "free",
        description = "Gives back what malloc gave to a process.",
        footerHeading = "%nExample:%n",
        footer = "  free $pid $m")
final class UserFree extends ProcessCommand {
    @Parameters(index = "1", paramLabel = "ADDRESS", description = "What malloc answered.")
    private String object;

    @Override
    Object run(Processes processes, int process) {
        processes.free(process, address(object));
        return NOTHING;
    }
}

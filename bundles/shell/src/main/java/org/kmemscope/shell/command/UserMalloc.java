package org.kmemscope.shell.command;

import org.kmemscope.api.process.Processes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code malloc}. */
@Command(
        name = "malloc",
        description =
                "What malloc() of a C library does in a process: from the heap, or from 128 KiB on by mmap. Answers the address.",
        footerHeading = "%nExample:%n",
        footer = "  m = (malloc $pid 100)")
final class UserMalloc extends ProcessCommand {
    @Parameters(index = "1", paramLabel = "SIZE", description = "Bytes: 100, 1M.")
    private String size;

    @Override
    Object run(Processes processes, int process) {
        return checked("NULL", processes.malloc(process, Arguments.size(size)), 0);
    }
}

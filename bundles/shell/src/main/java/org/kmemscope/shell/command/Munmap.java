package org.kmemscope.shell.command;

import org.kmemscope.api.process.Processes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code munmap}. */
@Command(
        name = "munmap",
        description = "Unmaps a range of a process: its pages are free, and page tables that map nothing any more.",
        footerHeading = "%nExample:%n",
        footer = "  munmap $pid $a 1M")
final class Munmap extends ProcessCommand {
    @Parameters(index = "1", paramLabel = "ADDRESS", description = "Where it begins.")
    private String start;

    @Parameters(index = "2", paramLabel = "SIZE", description = "Bytes: 1M, 100p (pages).")
    private String size;

    @Override
    Object run(Processes processes, int process) {
        processes.munmap(process, address(start), Arguments.size(size));
        return NOTHING;
    }
}

package org.kmemscope.shell.command;

import org.kmemscope.api.process.Processes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mmap}. */
@Command(
        name = "mmap",
        description =
                "Maps anonymous memory into a process; its pages come when they are touched. Answers the address.",
        footerHeading = "%nExample:%n",
        footer = {"  a = (mmap $pid 1M)", "  wr -u $pid -s $a hello"})
final class Mmap extends ProcessCommand {
    @Parameters(index = "1", paramLabel = "SIZE", description = "Bytes: 1M, 100p (pages).")
    private String size;

    @Option(names = "--at", paramLabel = "ADDRESS", description = "Where it should be; else the kernel chooses.")
    private String hint;

    @Option(names = "--read-only", description = "PROT_READ alone.")
    private boolean readOnly;

    @Override
    Object run(Processes processes, int process) {
        long at = hint == null ? 0 : address(hint);
        return checked("MAP_FAILED", processes.mmap(process, at, Arguments.size(size), !readOnly), Processes.NO_MEMORY);
    }
}

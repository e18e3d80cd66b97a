package org.kmemscope.shell.command;

import org.kmemscope.api.process.Processes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code brk}. */
@Command(
        name = "brk",
        description = "Moves the end of a process's heap, or tells where it is; answers the end.",
        footerHeading = "%nExample:%n",
        footer = {"  brk $pid", "  brk $pid +64k"})
final class Brk extends ProcessCommand {
    private static final String MORE = "+";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "END",
            description = "The new end; or how much further, with + in front, as sbrk takes it.")
    private String end;

    @Override
    Object run(Processes processes, int process) {
        long now = processes.brk(process, 0);
        if (end == null) {
            return new Address(now);
        }
        long wanted = end.startsWith(MORE) ? now + Arguments.size(end.substring(1)) : address(end);
        if (processes.brk(process, wanted) != wanted) {
            throw new IllegalArgumentException("Cannot allocate memory");
        }
        return new Address(wanted);
    }
}

package org.kmemscope.shell.command;

import org.kmemscope.api.process.Processes;
import picocli.CommandLine.Parameters;

/** Something that a process asks of the kernel. */
abstract class ProcessCommand extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "PID",
            description = "A process.",
            completionCandidates = Candidates.Pids.class)
    private int pid;

    /** Asks; the machine's lock is held, and what is refused is an {@code IllegalArgumentException}: no part has failed. */
    abstract Object run(Processes processes, int process);

    @Override
    final Object run(Call call) {
        return call.kernelCall("process", () -> run(call.machine().processes(), pid));
    }

    /** A user address, in hex with 0x or as another command has answered it. */
    static long address(String text) {
        return Arguments.number(text, "address");
    }

    /** What a call answered that gives an address. */
    static Address checked(String what, long answer, long none) {
        if (answer == none) {
            throw new IllegalArgumentException(what + ": Cannot allocate memory");
        }
        return new Address(answer);
    }
}

package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code krealloc}. */
@Command(
        name = "krealloc",
        description = "Gives an object from kmalloc another size: where it is, or elsewhere with its bytes.",
        footerHeading = "%nExample:%n",
        footer = "  p = (krealloc $p 500 GFP_KERNEL)")
final class Krealloc extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "ADDRESS",
            description = "What kmalloc answered; 0 for a new object.",
            completionCandidates = Live.Objects.class)
    private String object;

    @Parameters(index = "1", paramLabel = "SIZE", description = "Bytes: 100, 0x64, 4k, 3p (pages).")
    private String size;

    @Parameters(
            index = "2",
            paramLabel = "GFP",
            description = "Flags, joined by + (| is a pipe), or a number.",
            completionCandidates = Candidates.GfpFlags.class)
    private String flags;

    @Override
    Object run(Call call) {
        long bytes = Arguments.size(size);
        int gfp = call.arguments().gfp(flags);
        long moved = call.kernel().krealloc(call.arguments().virtual(object), bytes, gfp);
        if (moved == 0) {
            throw new Failure(Shortage.ofObject(call.machine(), bytes, gfp));
        }
        return new Address(moved);
    }
}

package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kvmalloc}. */
@Command(
        name = "kvmalloc",
        description = "Takes SIZE bytes: from kmalloc if it has them in one piece, else from vmalloc.",
        footerHeading = "%nExample:%n",
        footer = {"  p = (kvmalloc 3M GFP_KERNEL)", "  kvfree $p"})
final class Kvmalloc extends KmemCommand {
    @Parameters(index = "0", paramLabel = "SIZE", description = "Bytes: 100, 0x64, 4k, 3p (pages).")
    private String size;

    @Parameters(
            index = "1",
            paramLabel = "GFP",
            description = "Flags, joined by + (| is a pipe), or a number.",
            completionCandidates = Candidates.GfpFlags.class)
    private String flags;

    @Override
    Object run(Call call) {
        long bytes = Arguments.size(size);
        int gfp = call.arguments().gfp(flags);
        long address = call.kernel().kvmalloc(bytes, gfp);
        if (address == 0) {
            throw new Failure("NULL: neither kmalloc nor vmalloc has " + bytes + " bytes for "
                    + call.machine().gfp().names(gfp));
        }
        return new Address(address);
    }
}

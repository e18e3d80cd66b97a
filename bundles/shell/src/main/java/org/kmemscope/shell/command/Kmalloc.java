package org.kmemscope.shell.command;

import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kmalloc}. */
@Command(
        name = "kmalloc",
        description = "Takes SIZE bytes, physically contiguous and not zeroed.",
        footerHeading = "%nExample:%n",
        footer = {"  p = (kmalloc 40 GFP_KERNEL)", "  whatis $p", "  kfree $p"})
final class Kmalloc extends KmemCommand {
    @Parameters(index = "0", paramLabel = "SIZE", description = "Bytes: 100, 0x64, 4k, 3p (pages).")
    private String size;

    @Parameters(
            index = "1",
            paramLabel = "GFP",
            description = "Flags, joined by + (| is a pipe), or a number.",
            completionCandidates = Candidates.GfpFlags.class)
    private String flags;

    @Option(
            names = {"-z", "--zero"},
            description = "Zero it, as kzalloc does.")
    private boolean zero;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        long bytes = Arguments.size(size);
        int gfp = call.arguments().gfp(flags);
        long object = zero ? kernel.kzalloc(bytes, gfp) : kernel.kmalloc(bytes, gfp);
        if (object == 0) {
            throw new Failure(Shortage.ofObject(call.machine(), bytes, gfp));
        }
        return new Address(object);
    }
}

package org.kmemscope.shell.command;

import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code vzalloc}. */
@Command(
        name = "vzalloc",
        description = "As vmalloc, zeroed.",
        footerHeading = "%nExample:%n",
        footer = "  v = (vzalloc 4096)")
final class Vzalloc extends KmemCommand {
    @Parameters(index = "0", paramLabel = "SIZE", description = "Bytes: 100, 0x64, 4k, 3p (pages).")
    private String size;

    @Override
    Object run(Call call) {
        long bytes = Arguments.size(size);
        Kernel kernel = call.kernel();
        return Vmalloc.answer(call, bytes, kernel.gfp(Gfp.GFP_KERNEL, Gfp.__GFP_HIGHMEM), kernel.vzalloc(bytes));
    }
}

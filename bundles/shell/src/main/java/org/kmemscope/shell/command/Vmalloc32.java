package org.kmemscope.shell.command;

import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code vmalloc_32}. */
@Command(
        name = "vmalloc_32",
        description = "As vmalloc, with pages that a device of 32 bits reaches: low memory.",
        footerHeading = "%nExample:%n",
        footer = "  v = (vmalloc_32 64k)")
final class Vmalloc32 extends KmemCommand {
    @Parameters(index = "0", paramLabel = "SIZE", description = "Bytes: 100, 0x64, 4k, 3p (pages).")
    private String size;

    @Override
    Object run(Call call) {
        long bytes = Arguments.size(size);
        Kernel kernel = call.kernel();
        return Vmalloc.answer(call, bytes, kernel.gfp(Gfp.GFP_KERNEL), kernel.vmalloc32(bytes));
    }
}

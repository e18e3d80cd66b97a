package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code __vmalloc}. */
@Command(
        name = "__vmalloc",
        description = "As vmalloc, with flags for the pages: they choose the zone, and may forbid to wait.",
        footerHeading = "%nExample:%n",
        footer = {"  v = (__vmalloc 64k GFP_KERNEL+__GFP_DMA)", "  vmallocinfo --json"})
final class VmallocMask extends KmemCommand {
    @Parameters(index = "0", paramLabel = "SIZE", description = "Bytes: 100, 0x64, 4k, 3p (pages).")
    private String size;

    @Parameters(
            index = "1",
            paramLabel = "GFP",
            description = "Flags: GFP_KERNEL, GFP_KERNEL+__GFP_HIGHMEM, 0xd2.",
            completionCandidates = Candidates.GfpFlags.class)
    private String flags;

    @Override
    Object run(Call call) {
        int gfp = call.arguments().gfp(flags);
        return Vmalloc.answer(call, Arguments.size(size), gfp, call.kernel().vmalloc(Arguments.size(size), gfp));
    }
}

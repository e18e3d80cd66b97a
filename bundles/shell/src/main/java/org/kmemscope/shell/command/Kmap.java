package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kmap}. */
@Command(
        name = "kmap",
        description = "Opens a window onto a page of high memory; for low memory, its linear address. May sleep.",
        footerHeading = "%nExample:%n",
        footer = {"  p = (alloc_pages GFP_HIGHUSER 0)", "  kmap $p"})
final class Kmap extends KmemCommand {
    @Parameters(
            paramLabel = "PAGE",
            description = "pfn:0x1234, 1234, or an address of the linear mapping.",
            completionCandidates = Live.Pages.class)
    private String page;

    @Override
    Object run(Call call) {
        return new Address(call.kernel().kmap(call.arguments().page(page)));
    }
}

package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kmap_local_page}. */
@Command(
        name = "kmap_local_page",
        description =
                "Opens the next window of the current task onto a page; give it back in reverse order. From 5.11 on.",
        footerHeading = "%nExample:%n",
        footer = {"  w = (kmap_local_page $p)", "  kunmap_local $w"})
final class KmapLocal extends KmemCommand {
    @Parameters(
            paramLabel = "PAGE",
            description = "pfn:0x1234, 1234, or an address of the linear mapping.",
            completionCandidates = Live.Pages.class)
    private String page;

    @Override
    Object run(Call call) {
        return new Address(call.kernel().kmapLocal(call.arguments().page(page)));
    }
}

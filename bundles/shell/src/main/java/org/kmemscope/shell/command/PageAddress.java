package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code page_address}. */
@Command(
        name = "page_address",
        description = "Where a page is mapped now: its linear address, or a slot of kmap; 0 for nowhere.",
        footerHeading = "%nExample:%n",
        footer = "  page_address $p")
final class PageAddress extends KmemCommand {
    @Parameters(
            paramLabel = "PAGE",
            description = "pfn:0x1234, 1234, or an address of the linear mapping.",
            completionCandidates = Live.Pages.class)
    private String page;

    @Override
    Object run(Call call) {
        return new Address(call.kernel().pageAddress(call.arguments().page(page)));
    }
}

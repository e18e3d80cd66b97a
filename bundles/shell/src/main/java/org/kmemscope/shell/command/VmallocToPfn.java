package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code vmalloc_to_pfn}. */
@Command(
        name = "vmalloc_to_pfn",
        description = "The page behind an address of the vmalloc area.",
        footerHeading = "%nExample:%n",
        footer = "  vmalloc_to_pfn $v")
final class VmallocToPfn extends KmemCommand {
    @Parameters(
            paramLabel = "ADDRESS",
            description = "An address of the vmalloc area.",
            completionCandidates = Live.Areas.class)
    private String address;

    @Override
    Object run(Call call) {
        int pfn = call.kernel().vmallocToPfn(call.arguments().virtual(address));
        if (pfn < 0) {
            throw new Failure("NULL: no page is mapped at " + address + " in the vmalloc area");
        }
        return new PageBlock(pfn, 0);
    }
}

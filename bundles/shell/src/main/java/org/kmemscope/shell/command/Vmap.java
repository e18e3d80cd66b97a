package org.kmemscope.shell.command;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmap}. */
@Command(
        name = "vmap",
        description = "Maps pages side by side. May sleep.",
        footerHeading = "%nExample:%n",
        footer = {"  p = (alloc_pages GFP_HIGHUSER 0)", "  v = (vmap $p $p)", "  vunmap $v"})
final class Vmap extends KmemCommand {
    @Parameters(
            paramLabel = "PAGE",
            arity = "1..*",
            description = "pfn:0x1234, 1234, or an address of the linear mapping.",
            completionCandidates = Live.Pages.class)
    private List<String> pages;

    @Option(
            names = {"-o", "--order"},
            paramLabel = "ORDER",
            description = "Each PAGE is the first of a block of this order.")
    private int order;

    @Override
    Object run(Call call) {
        long address = call.kernel().vmap(call.arguments().frames(pages, order));
        if (address == 0) {
            throw new Failure("NULL: no hole of that size in the vmalloc area (see vmallocinfo)");
        }
        return new Address(address);
    }
}

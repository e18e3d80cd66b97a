package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command that maps pages side by side in the vmalloc area. */
abstract class PageMapping extends KmemCommand {
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

    /** Maps frames; 0 if there is no room. */
    abstract long map(Kernel kernel, int[] pfns);

    @Override
    final Object run(Call call) {
        long address = map(call.kernel(), call.arguments().frames(pages, order));
        if (address == 0) {
            throw new Failure("NULL: no hole of that size in the vmalloc area (see vmallocinfo)");
        }
        return new Address(address);
    }
}

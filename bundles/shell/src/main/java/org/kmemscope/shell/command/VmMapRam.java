package org.kmemscope.shell.command;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vm_map_ram}. */
@Command(
        name = "vm_map_ram",
        description = "Maps pages side by side for a short time; up to 32 in a block of this CPU. May sleep.",
        footerHeading = "%nExample:%n",
        footer = {"  v = (vm_map_ram $p)", "  vm_unmap_ram $v 1"})
final class VmMapRam extends KmemCommand {
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
        long address = call.kernel().vmMapRam(call.arguments().frames(pages, order));
        if (address == 0) {
            throw new Failure("NULL: no hole of that size in the vmalloc area (see vmallocinfo)");
        }
        return new Address(address);
    }
}

package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code virt_to_phys}. */
@Command(
        name = "virt_to_phys",
        description = "Physical address of an address of the linear mapping: arithmetic, and wrong for any other.",
        footerHeading = "%nExample:%n",
        footer = "  virt_to_phys $p")
final class VirtToPhys extends KmemCommand {
    @Parameters(paramLabel = "ADDRESS", description = "A virtual address.", completionCandidates = Live.Objects.class)
    private String address;

    @Override
    Object run(Call call) {
        return new Address(call.kernel().virtToPhys(call.arguments().virtual(address)));
    }
}

package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code phys_to_virt}. */
@Command(
        name = "phys_to_virt",
        description = "Linear address of a physical one: arithmetic, and wrong for high memory.",
        footerHeading = "%nExample:%n",
        footer = "  phys_to_virt 0x50003000")
final class PhysToVirt extends KmemCommand {
    @Parameters(paramLabel = "ADDRESS", description = "A physical address.")
    private String address;

    @Override
    Object run(Call call) {
        return new Address(call.kernel().physToVirt(call.arguments().address(address)));
    }
}

package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ioremap}. */
@Command(
        name = "ioremap",
        description = "Maps device registers. May sleep.",
        footerHeading = "%nExample:%n",
        footer = {"  r = (ioremap 0xfed00000 4096)", "  iounmap $r"})
final class Ioremap extends KmemCommand {
    @Parameters(index = "0", paramLabel = "PHYSICAL", description = "Physical address; need not be aligned.")
    private String phys;

    @Parameters(index = "1", paramLabel = "SIZE", description = "Bytes: 100, 0x64, 4k, 3p (pages).")
    private String size;

    @Override
    Object run(Call call) {
        long address = call.kernel().ioremap(call.arguments().address(phys), Arguments.size(size));
        if (address == 0) {
            throw new Failure("NULL: " + phys + " is RAM, or there is no hole of that size in the vmalloc area");
        }
        return new Address(address);
    }
}

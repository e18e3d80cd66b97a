package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code vm_unmap_ram}. */
@Command(
        name = "vm_unmap_ram",
        description = "Gives a mapping of vm_map_ram up.",
        footerHeading = "%nExample:%n",
        footer = "  vm_unmap_ram $v 1")
final class VmUnmapRam extends KmemCommand {
    @Parameters(index = "0", paramLabel = "ADDRESS", description = "What vm_map_ram answered.")
    private String address;

    @Parameters(index = "1", paramLabel = "COUNT", description = "As many pages as were mapped.")
    private String count;

    @Override
    Object run(Call call) {
        long pages = Arguments.number(count, "number of pages");
        if (pages < 1 || pages > Integer.MAX_VALUE) {
            throw new Failure("'" + count + "' is no number of pages; write as many as were mapped");
        }
        call.kernel().vmUnmapRam(call.arguments().virtual(address), (int) pages);
        return NOTHING;
    }
}

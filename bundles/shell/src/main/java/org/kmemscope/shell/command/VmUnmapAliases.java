package org.kmemscope.shell.command;

import picocli.CommandLine.Command;

/** {@code vm_unmap_aliases}. */
@Command(
        name = "vm_unmap_aliases",
        description =
                "Purges what was given up in the vmalloc space: its addresses can be used again, and the TLBs forget them.",
        footerHeading = "%nExample:%n",
        footer = {"  vfree $v", "  vm_unmap_aliases"})
final class VmUnmapAliases extends KmemCommand {

    @Override
    Object run(Call call) {
        call.kernel().vmUnmapAliases();
        return NOTHING;
    }
}

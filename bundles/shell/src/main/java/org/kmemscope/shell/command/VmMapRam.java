package org.kmemscope.shell.command;

import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;

/** {@code vm_map_ram}. */
@Command(
        name = "vm_map_ram",
        description = "Maps pages side by side for a short time; up to 32 in a block of this CPU. May sleep.",
        footerHeading = "%nExample:%n",
        footer = {"  v = (vm_map_ram $p)", "  vm_unmap_ram $v 1"})
final class VmMapRam extends PageMapping {
    @Override
    long map(Kernel kernel, int[] pfns) {
        return kernel.vmMapRam(pfns);
    }
}

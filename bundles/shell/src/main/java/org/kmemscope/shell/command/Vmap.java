package org.kmemscope.shell.command;

import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;

/** {@code vmap}. */
@Command(
        name = "vmap",
        description = "Maps pages side by side. May sleep.",
        footerHeading = "%nExample:%n",
        footer = {"  p = (alloc_pages GFP_HIGHUSER 0)", "  v = (vmap $p $p)", "  vunmap $v"})
final class Vmap extends PageMapping {
    @Override
    long map(Kernel kernel, int[] pfns) {
        return kernel.vmap(pfns);
    }
}

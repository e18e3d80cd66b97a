package org.kmemscope.shell.command;

import picocli.CommandLine.Command;

/** {@code stop}. */
@Command(
        name = "stop",
        description =
                "Stops a bundle. Machines that use its allocator hand over to another, or keep what is left until one comes.",
        footerHeading = "%nExample:%n",
        footer = "  stop slab")
final class StopBundle extends BundleCommand {
    @Override
    void run(Bundles bundles, String name) {
        bundles.stop(name);
    }
}

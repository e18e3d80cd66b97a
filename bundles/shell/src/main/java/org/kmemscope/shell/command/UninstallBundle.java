package org.kmemscope.shell.command;

import picocli.CommandLine.Command;

/** {@code uninstall}. */
@Command(
        name = "uninstall",
        description = "Stops a bundle and forgets it, until kmemscope is started again.",
        footerHeading = "%nExample:%n",
        footer = "  uninstall slub")
final class UninstallBundle extends BundleCommand {
    @Override
    void run(Bundles bundles, String name) {
        bundles.uninstall(name);
    }
}

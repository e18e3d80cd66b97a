package org.kmemscope.shell.command;

import java.nio.file.Path;
import picocli.CommandLine.Command;

/** {@code start}. */
@Command(
        name = "start",
        description =
                "Starts a bundle; a file is installed first. A machine whose allocator is missing takes up one that comes.",
        footerHeading = "%nExample:%n",
        footer = {"  start slab", "  start my-allocator.jar"})
final class StartBundle extends BundleCommand {
    private static final String JAR = ".jar";

    @Override
    void run(Bundles bundles, String name) {
        if (name.endsWith(JAR)) {
            bundles.install(Path.of(name));
        } else {
            bundles.start(name);
        }
    }
}

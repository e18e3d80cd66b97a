package org.kmemscope.shell.command;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code update}. */
@Command(
        name = "update",
        description =
                "Reads a bundle anew, or another version of it. Machines hand over and come back to the new allocator.",
        footerHeading = "%nExample:%n",
        footer = {"  update slab", "  update slab slab-0.2.jar"})
final class UpdateBundle extends BundleCommand {
    @Parameters(index = "1", arity = "0..1", paramLabel = "FILE", description = "The new version.")
    private Path file;

    @Override
    void run(Bundles bundles, String name) {
        bundles.update(name, Optional.ofNullable(file));
    }
}

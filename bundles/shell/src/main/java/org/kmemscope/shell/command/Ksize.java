package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ksize}. */
@Command(
        name = "ksize",
        description = "Usable bytes behind a pointer from kmalloc.",
        footerHeading = "%nExample:%n",
        footer = "  ksize $p")
final class Ksize extends KmemCommand {
    @Parameters(
            paramLabel = "ADDRESS",
            description = "What kmalloc answered.",
            completionCandidates = Live.Objects.class)
    private String object;

    @Override
    Object run(Call call) {
        return call.kernel().ksize(call.arguments().virtual(object));
    }
}

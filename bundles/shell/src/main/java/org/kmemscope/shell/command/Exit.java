package org.kmemscope.shell.command;

import picocli.CommandLine.Command;

/** {@code exit}. */
@Command(name = "exit", description = "Leaves; so does Ctrl-D.", footerHeading = "%nExample:%n", footer = "  exit")
final class Exit extends KmemCommand {
    @Override
    Object run(Call call) {
        throw new Leave();
    }
}

package org.kmemscope.shell.command;

import org.kmemscope.api.machine.Machine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code swapon}. */
@Command(
        name = "swapon",
        description = "Gives the machine swap, or more of it.",
        footerHeading = "%nExample:%n",
        footer = "  swapon 64M")
final class Swapon extends KmemCommand {
    @Parameters(paramLabel = "SIZE", description = "Bytes: 64M, 100p (pages).")
    private String size;

    @Override
    Object run(Call call) {
        Machine machine = call.machine();
        return call.kernelCall("swapon", () -> {
            machine.reclaim().swap().on(Arguments.pages(size));
            return NOTHING;
        });
    }
}

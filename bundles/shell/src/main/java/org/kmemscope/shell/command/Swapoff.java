package org.kmemscope.shell.command;

import org.kmemscope.api.machine.Machine;
import picocli.CommandLine.Command;

/** {@code swapoff}. */
@Command(
        name = "swapoff",
        description = "Takes the swap away, if nothing is in it.",
        footerHeading = "%nExample:%n",
        footer = "  swapoff")
final class Swapoff extends KmemCommand {
    @Override
    Object run(Call call) {
        Machine machine = call.machine();
        return call.kernelCall("swapoff", () -> {
            machine.reclaim().swap().off();
            return NOTHING;
        });
    }
}

package org.kmemscope.shell.command;

import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;

/** {@code dmaengine_pause}. */
@Command(
        name = "dmaengine_pause",
        description = "Pauses a channel where it is.",
        footerHeading = "%nExample:%n",
        footer = "  dmaengine_pause $c")
final class DmaenginePause extends ChannelCommand {
    @Override
    void act(Kernel kernel, DmaChannel of) {
        kernel.dmaenginePause(of);
    }
}

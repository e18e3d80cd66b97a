package org.kmemscope.shell.command;

import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;

/** {@code dma_release_channel}. */
@Command(
        name = "dma_release_channel",
        description = "Gives a channel back; what it does is dropped.",
        footerHeading = "%nExample:%n",
        footer = "  dma_release_channel $c")
final class DmaReleaseChannel extends ChannelCommand {
    @Override
    void act(Kernel kernel, DmaChannel of) {
        kernel.dmaReleaseChannel(of);
    }
}

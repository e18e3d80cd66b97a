package org.kmemscope.shell.command;

import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;

/** {@code dmaengine_terminate_sync}. */
@Command(
        name = "dmaengine_terminate_sync",
        description = "Drops everything that a channel has to do.",
        footerHeading = "%nExample:%n",
        footer = "  dmaengine_terminate_sync $c")
final class DmaengineTerminate extends ChannelCommand {
    @Override
    void act(Kernel kernel, DmaChannel of) {
        kernel.dmaengineTerminateSync(of);
    }
}

package org.kmemscope.shell.command;

import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;

/** {@code dmaengine_resume}. */
@Command(
        name = "dmaengine_resume",
        description = "Lets a paused channel go on.",
        footerHeading = "%nExample:%n",
        footer = "  dmaengine_resume $c")
final class DmaengineResume extends ChannelCommand {
    @Override
    void act(Kernel kernel, DmaChannel of) {
        kernel.dmaengineResume(of);
    }
}

package org.kmemscope.shell.command;

import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Parameters;

/** A command that does something with a channel of a DMA engine. */
abstract class ChannelCommand extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "CHANNEL",
            description = "What dma_request_chan answered.",
            completionCandidates = Candidates.ChannelNames.class)
    private String channel;

    abstract void act(Kernel kernel, DmaChannel of);

    @Override
    final Object run(Call call) {
        act(call.kernel(), Channels.find(call.machine(), channel));
        return NOTHING;
    }
}

package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dma_release_channel}. */
@Command(
        name = "dma_release_channel",
        description = "Gives a channel back; what it does is dropped.",
        footerHeading = "%nExample:%n",
        footer = "  dma_release_channel $c")
final class DmaReleaseChannel extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "CHANNEL",
            description = "What dma_request_chan answered.",
            completionCandidates = Candidates.ChannelNames.class)
    private String channel;

    @Override
    Object run(Call call) {
        call.kernel().dmaReleaseChannel(Channels.find(call.machine(), channel));
        return NOTHING;
    }
}

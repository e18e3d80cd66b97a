package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dmaengine_pause}. */
@Command(
        name = "dmaengine_pause",
        description = "Pauses a channel where it is.",
        footerHeading = "%nExample:%n",
        footer = "  dmaengine_pause $c")
final class DmaenginePause extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "CHANNEL",
            description = "What dma_request_chan answered.",
            completionCandidates = Candidates.ChannelNames.class)
    private String channel;

    @Override
    Object run(Call call) {
        call.kernel().dmaenginePause(Channels.find(call.machine(), channel));
        return NOTHING;
    }
}

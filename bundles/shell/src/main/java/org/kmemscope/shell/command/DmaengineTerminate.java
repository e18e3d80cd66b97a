package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dmaengine_terminate_sync}. */
@Command(
        name = "dmaengine_terminate_sync",
        description = "Drops everything that a channel has to do.",
        footerHeading = "%nExample:%n",
        footer = "  dmaengine_terminate_sync $c")
final class DmaengineTerminate extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "CHANNEL",
            description = "What dma_request_chan answered.",
            completionCandidates = Candidates.ChannelNames.class)
    private String channel;

    @Override
    Object run(Call call) {
        call.kernel().dmaengineTerminateSync(Channels.find(call.machine(), channel));
        return NOTHING;
    }
}

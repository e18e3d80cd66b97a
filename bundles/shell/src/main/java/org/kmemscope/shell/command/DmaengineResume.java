package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dmaengine_resume}. */
@Command(
        name = "dmaengine_resume",
        description = "Lets a paused channel go on.",
        footerHeading = "%nExample:%n",
        footer = "  dmaengine_resume $c")
final class DmaengineResume extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "CHANNEL",
            description = "What dma_request_chan answered.",
            completionCandidates = Candidates.ChannelNames.class)
    private String channel;

    @Override
    Object run(Call call) {
        call.kernel().dmaengineResume(Channels.find(call.machine(), channel));
        return NOTHING;
    }
}

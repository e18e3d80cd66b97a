package org.kmemscope.shell.command;

import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dmaengine_prep_dma_memcpy}, submitted and issued. */
@Command(
        name = "dmaengine_memcpy",
        description = "Lets a channel copy memory (prep_dma_memcpy, submit, issue_pending); answers the cookie.",
        footerHeading = "%nExample:%n",
        footer = {"  t = (dmaengine_memcpy $c $to $from 64k)", "  dmaengine_tx_status $c $t"})
final class DmaengineMemcpy extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "CHANNEL",
            description = "What dma_request_chan answered.",
            completionCandidates = Candidates.ChannelNames.class)
    private String channel;

    @Parameters(index = "1", paramLabel = "TO", description = "Bus address.", completionCandidates = Live.Handles.class)
    private String target;

    @Parameters(
            index = "2",
            paramLabel = "FROM",
            description = "Bus address.",
            completionCandidates = Live.Handles.class)
    private String source;

    @Parameters(index = "3", paramLabel = "SIZE", description = "Bytes: 100, 0x64, 4k, 3p (pages).")
    private String size;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        DmaChannel found = Channels.find(call.machine(), channel);
        int prepared = kernel.dmaenginePrepDmaMemcpy(
                found, call.arguments().address(target), call.arguments().address(source), Arguments.size(size));
        if (prepared < 0) {
            throw new Failure("NULL (" + prepared + "): no descriptors are left, or nothing is to be copied");
        }
        int cookie = kernel.dmaengineSubmit(found, prepared);
        kernel.dmaAsyncIssuePending(found);
        return cookie;
    }
}

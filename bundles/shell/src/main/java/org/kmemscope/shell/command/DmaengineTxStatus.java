package org.kmemscope.shell.command;

import org.kmemscope.api.dma.DmaTxState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dmaengine_tx_status}. */
@Command(
        name = "dmaengine_tx_status",
        description = "How far a transaction is.",
        footerHeading = "%nExample:%n",
        footer = "  dmaengine_tx_status $c $t")
final class DmaengineTxStatus extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "CHANNEL",
            description = "What dma_request_chan answered.",
            completionCandidates = Candidates.ChannelNames.class)
    private String channel;

    @Parameters(index = "1", paramLabel = "COOKIE", description = "What the transaction answered.")
    private int cookie;

    @Override
    Object run(Call call) {
        DmaTxState state = call.kernel().dmaengineTxStatus(Channels.find(call.machine(), channel), cookie);
        call.line("DMA_%s, residue %d", state.status(), state.residue());
        return NOTHING;
    }
}

package org.kmemscope.shell.command;

import org.kmemscope.api.dma.DmaChannel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dma_request_chan}. */
@Command(
        name = "dma_request_chan",
        description = "Takes a free channel of a DMA engine; answers its name.",
        footerHeading = "%nExample:%n",
        footer = {"  c = (dma_request_chan dma1)", "  t = (dmaengine_memcpy $c $to $from 64k)"})
final class DmaRequestChan extends KmemCommand {
    @Parameters(
            paramLabel = "ENGINE",
            description = "A DMA engine of the machine.",
            completionCandidates = Candidates.DeviceNames.class)
    private String engine;

    @Override
    Object run(Call call) {
        DmaChannel channel = call.kernel().dmaRequestChan(Devices.find(call.machine(), engine));
        if (channel.equals(DmaChannel.NONE)) {
            throw new Failure("no channel of " + engine + " is free, or there is no memory for its ring");
        }
        return channel.name();
    }
}

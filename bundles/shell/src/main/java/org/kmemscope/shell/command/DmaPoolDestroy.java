package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dma_pool_destroy}. */
@Command(
        name = "dma_pool_destroy",
        description = "Gives a pool's memory back.",
        footerHeading = "%nExample:%n",
        footer = "  dma_pool_destroy descriptors")
final class DmaPoolDestroy extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "POOL",
            description = "Name of the pool.",
            completionCandidates = Candidates.DmaPoolNames.class)
    private String pool;

    @Override
    Object run(Call call) {
        call.kernel().dmaPoolDestroy(DmaPools.find(call.machine(), pool));
        return NOTHING;
    }
}

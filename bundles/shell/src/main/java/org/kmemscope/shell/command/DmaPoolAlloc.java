package org.kmemscope.shell.command;

import org.kmemscope.api.dma.DmaBuffer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dma_pool_alloc}. */
@Command(
        name = "dma_pool_alloc",
        description = "Takes a piece from a pool of coherent memory.",
        footerHeading = "%nExample:%n",
        footer = "  d = (dma_pool_alloc descriptors GFP_KERNEL)")
final class DmaPoolAlloc extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "POOL",
            description = "Name of the pool.",
            completionCandidates = Candidates.DmaPoolNames.class)
    private String pool;

    @Parameters(
            index = "1",
            paramLabel = "GFP",
            description = "Flags, joined by + (| is a pipe), or a number.",
            completionCandidates = Candidates.GfpFlags.class)
    private String flags;

    @Override
    Object run(Call call) {
        DmaBuffer piece = call.kernel()
                .dmaPoolAlloc(
                        DmaPools.find(call.machine(), pool), call.arguments().gfp(flags));
        if (piece.failed()) {
            throw new Failure("NULL: no coherent memory for pool " + pool);
        }
        return new CoherentBuffer(piece.virt(), piece.handle());
    }
}

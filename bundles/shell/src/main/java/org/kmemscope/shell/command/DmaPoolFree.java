package org.kmemscope.shell.command;

import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaPool;
import org.kmemscope.api.view.DmaMappingView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dma_pool_free}. */
@Command(
        name = "dma_pool_free",
        description = "Gives a piece back to its pool.",
        footerHeading = "%nExample:%n",
        footer = "  dma_pool_free descriptors $d")
final class DmaPoolFree extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "POOL",
            description = "Name of the pool.",
            completionCandidates = Candidates.DmaPoolNames.class)
    private String pool;

    @Parameters(index = "1", paramLabel = "ADDRESS", description = "What dma_pool_alloc answered.")
    private String address;

    @Override
    Object run(Call call) {
        long virt = call.arguments().virtual(address);
        DmaPool found = DmaPools.find(call.machine(), pool);
        DmaMappingView buffer = call.views().dmaMappings().stream()
                .filter(mapping -> mapping.kind().equals("coherent")
                        && virt >= mapping.virt()
                        && virt < mapping.virt() + mapping.size())
                .findFirst()
                .orElseThrow(() -> new Failure(address + " is in no coherent buffer, so it is no piece of " + pool));
        call.kernel().dmaPoolFree(found, new DmaBuffer(virt, buffer.handle() + virt - buffer.virt(), found.size()));
        return NOTHING;
    }
}

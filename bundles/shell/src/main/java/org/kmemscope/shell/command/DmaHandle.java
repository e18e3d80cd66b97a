package org.kmemscope.shell.command;

import org.kmemscope.api.view.DmaMappingView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dma_handle}: where the device sees a coherent buffer. */
@Command(
        name = "dma_handle",
        description = "Answers the bus address of a coherent buffer.",
        footerHeading = "%nExample:%n",
        footer = {"  b = (dma_alloc_coherent dma0 1k GFP_KERNEL)", "  h = (dma_handle $b)"})
final class DmaHandle extends KmemCommand {
    @Parameters(
            paramLabel = "ADDRESS",
            description = "Where the CPU sees it, or an address within it.",
            completionCandidates = Live.Buffers.class)
    private String address;

    @Override
    Object run(Call call) {
        long virt = call.arguments().virtual(address);
        DmaMappingView buffer = call.views().dmaMappings().stream()
                .filter(mapping -> mapping.kind().equals("coherent")
                        && virt >= mapping.virt()
                        && virt < mapping.virt() + mapping.size())
                .findFirst()
                .orElseThrow(() ->
                        new Failure(address + " is in no coherent buffer; dma_mappings shows those that there are"));
        return new Address(buffer.handle() + virt - buffer.virt());
    }
}

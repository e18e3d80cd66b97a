package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.view.DmaMappingView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dma_free_coherent}. */
@Command(
        name = "dma_free_coherent",
        description = "Gives coherent memory back.",
        footerHeading = "%nExample:%n",
        footer = "  dma_free_coherent $b")
final class DmaFree extends KmemCommand {
    private static final String COHERENT = "coherent";

    @Parameters(
            paramLabel = "ADDRESS",
            arity = "1..*",
            description = "What dma_alloc_coherent answered: the CPU's address.",
            completionCandidates = Live.Buffers.class)
    private List<String> addresses;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        for (String text : addresses) {
            long virt = call.arguments().virtual(text);
            DmaMappingView buffer = call.views().dmaMappings().stream()
                    .filter(mapping -> mapping.kind().equals(COHERENT) && mapping.virt() == virt)
                    .findFirst()
                    .orElseThrow(() ->
                            new Failure(text + " is no coherent buffer; dma_mappings shows those that there are"));
            kernel.dmaFreeCoherent(
                    DmaMappings.device(call.machine(), buffer),
                    new DmaBuffer(buffer.virt(), buffer.handle(), buffer.size()));
        }
        return NOTHING;
    }
}

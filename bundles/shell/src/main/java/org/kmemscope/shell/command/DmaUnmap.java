package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.view.DmaMappingView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dma_unmap_single}. */
@Command(
        name = "dma_unmap_single",
        description = "Gives streaming mappings up.",
        footerHeading = "%nExample:%n",
        footer = "  dma_unmap_single $h")
final class DmaUnmap extends KmemCommand {
    private static final String SINGLE = "single";

    @Parameters(
            paramLabel = "HANDLE",
            arity = "1..*",
            description = "What dma_map_single answered: the bus address.",
            completionCandidates = Live.Handles.class)
    private List<String> handles;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        for (String text : handles) {
            long handle = call.arguments().address(text);
            DmaMappingView mapping = call.views().dmaMappings().stream()
                    .filter(known -> known.kind().equals(SINGLE) && known.handle() == handle)
                    .findFirst()
                    .orElseThrow(
                            () -> new Failure(text + " is no live mapping; dma_mappings shows those that there are"));
            kernel.dmaUnmapSingle(
                    DmaMappings.device(call.machine(), mapping),
                    handle,
                    mapping.size(),
                    Direction.valueOf(mapping.direction()));
        }
        return NOTHING;
    }
}

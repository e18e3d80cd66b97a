package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.ScatterEntry;
import picocli.CommandLine.Command;

/** {@code dma_unmap_sg}. */
@Command(
        name = "dma_unmap_sg",
        description = "Gives the mappings of a scatter list up: the same pieces that were mapped.",
        footerHeading = "%nExample:%n",
        footer = "  dma_unmap_sg dma0 DMA_TO_DEVICE pfn:0x1234+4k pfn:0x1235+300")
final class DmaUnmapSg extends ScatterCommand {
    @Override
    void act(Call call, DmaDevice target, List<ScatterEntry> list, Direction way) {
        call.kernel().dmaUnmapSg(target, list, way);
    }
}

package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaSegment;
import org.kmemscope.api.dma.ScatterEntry;
import picocli.CommandLine.Command;

/** {@code dma_map_sg}. */
@Command(
        name = "dma_map_sg",
        description = "Makes several pieces of memory reachable for a device; prints the segments.",
        footerHeading = "%nExample:%n",
        footer = {
            "  dma_map_sg --merge dma0 DMA_TO_DEVICE pfn:0x1234+4k pfn:0x1235+300",
            "  dma_unmap_sg --merge dma0 DMA_TO_DEVICE pfn:0x1234+4k pfn:0x1235+300"
        })
final class DmaMapSg extends ScatterCommand {
    @Override
    void act(Call call, DmaDevice target, List<ScatterEntry> list, Direction way) {
        List<DmaSegment> segments = call.kernel().dmaMapSg(target, list, way);
        if (segments.isEmpty()) {
            throw new Failure("0 segments: " + target.name() + " does not reach one of the pieces; nothing is mapped");
        }
        segments.forEach(segment -> call.line("0x%08x+%d", segment.handle(), segment.length()));
    }
}

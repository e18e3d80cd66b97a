package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaSegment;
import org.kmemscope.api.dma.ScatterEntry;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dma_map_sg}. */
@Command(
        name = "dma_map_sg",
        description = "Makes several pieces of memory reachable for a device; prints the segments.",
        footerHeading = "%nExample:%n",
        footer = {
            "  dma_map_sg --merge dma0 DMA_TO_DEVICE pfn:0x1234+4k pfn:0x1235+300",
            "  dma_unmap_sg --merge dma0 DMA_TO_DEVICE pfn:0x1234+4k pfn:0x1235+300"
        })
final class DmaMapSg extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "DEVICE",
            description = "A device of the machine.",
            completionCandidates = Candidates.DeviceNames.class)
    private String device;

    @Parameters(index = "1", paramLabel = "DIRECTION", description = "One of ${COMPLETION-CANDIDATES}.")
    private Direction direction;

    @Parameters(
            index = "2..*",
            arity = "1..*",
            paramLabel = "PIECE",
            description = "Linear address or page, and length: 0xc1000000+300, pfn:0x1234+4k.")
    private List<String> pieces;

    @Option(names = "--merge", description = "Join adjacent pieces first, within the limits of the device's segments.")
    private boolean merge;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        DmaDevice target = Devices.find(call.machine(), device);
        List<ScatterEntry> list = Pieces.parse(call, pieces);
        list = merge ? kernel.sgMerge(target, list) : list;
        List<DmaSegment> segments = kernel.dmaMapSg(target, list, direction);
        if (segments.isEmpty()) {
            throw new Failure("0 segments: " + device + " does not reach one of the pieces; nothing is mapped");
        }
        segments.forEach(segment -> call.line("0x%08x+%d", segment.handle(), segment.length()));
        return NOTHING;
    }
}

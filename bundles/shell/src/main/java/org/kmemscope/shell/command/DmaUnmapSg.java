package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.ScatterEntry;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dma_unmap_sg}. */
@Command(
        name = "dma_unmap_sg",
        description = "Gives the mappings of a scatter list up: the same pieces that were mapped.",
        footerHeading = "%nExample:%n",
        footer = "  dma_unmap_sg dma0 DMA_TO_DEVICE pfn:0x1234+4k pfn:0x1235+300")
final class DmaUnmapSg extends KmemCommand {
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

    @Option(names = "--merge", description = "The pieces were joined when they were mapped.")
    private boolean merge;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        DmaDevice target = Devices.find(call.machine(), device);
        List<ScatterEntry> list = Pieces.parse(call, pieces);
        kernel.dmaUnmapSg(target, merge ? kernel.sgMerge(target, list) : list, direction);
        return NOTHING;
    }
}

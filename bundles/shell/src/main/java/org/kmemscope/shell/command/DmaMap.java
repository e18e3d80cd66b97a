package org.kmemscope.shell.command;

import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dma_map_single}. */
@Command(
        name = "dma_map_single",
        description = "Makes a buffer of the linear mapping reachable for a device; answers its bus address.",
        footerHeading = "%nExample:%n",
        footer = {"  h = (dma_map_single dma0 $p 40 DMA_TO_DEVICE)", "  dma_unmap_single $h"})
final class DmaMap extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "DEVICE",
            description = "A device of the machine, or NULL.",
            completionCandidates = Candidates.DeviceNames.class)
    private String device;

    @Parameters(
            index = "1",
            paramLabel = "ADDRESS",
            description = "Virtual address of the buffer.",
            completionCandidates = Live.Objects.class)
    private String address;

    @Parameters(index = "2", paramLabel = "SIZE", description = "Bytes: 100, 0x64, 4k, 3p (pages).")
    private String size;

    @Parameters(index = "3", paramLabel = "DIRECTION", description = "One of ${COMPLETION-CANDIDATES}.")
    private Direction direction;

    @Option(names = "--unchecked", description = "Do not call dma_mapping_error: a mistake to look at.")
    private boolean unchecked;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        DmaDevice target = Devices.find(call.machine(), device);
        long handle = kernel.dmaMapSingle(target, call.arguments().virtual(address), Arguments.size(size), direction);
        if (!unchecked && kernel.dmaMappingError(target, handle)) {
            throw new Failure(String.format("DMA_MAPPING_ERROR: %s does not reach %s", device, address));
        }
        return new Address(handle);
    }
}

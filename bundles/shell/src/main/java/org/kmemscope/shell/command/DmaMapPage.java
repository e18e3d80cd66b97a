package org.kmemscope.shell.command;

import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dma_map_page}. */
@Command(
        name = "dma_map_page",
        description = "Makes part of a page reachable for a device, high memory too; answers its bus address.",
        footerHeading = "%nExample:%n",
        footer = {"  h = (dma_map_page dma0 $page 0 4k DMA_FROM_DEVICE)", "  dma_unmap_page $h"})
final class DmaMapPage extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "DEVICE",
            description = "A device of the machine, or NULL.",
            completionCandidates = Candidates.DeviceNames.class)
    private String device;

    @Parameters(
            index = "1",
            paramLabel = "PAGE",
            description = "pfn:0x1234, or a linear address.",
            completionCandidates = Live.Pages.class)
    private String page;

    @Parameters(index = "2", paramLabel = "OFFSET", description = "Bytes from the begin of the page.")
    private String offset;

    @Parameters(index = "3", paramLabel = "SIZE", description = "Bytes: 100, 0x64, 4k, 3p (pages).")
    private String size;

    @Parameters(index = "4", paramLabel = "DIRECTION", description = "One of ${COMPLETION-CANDIDATES}.")
    private Direction direction;

    @Option(names = "--unchecked", description = "Do not call dma_mapping_error: a mistake to look at.")
    private boolean unchecked;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        DmaDevice target = Devices.find(call.machine(), device);
        long handle = kernel.dmaMapPage(
                target, call.arguments().page(page), Arguments.size(offset), Arguments.size(size), direction);
        if (!unchecked && kernel.dmaMappingError(target, handle)) {
            throw new Failure(String.format("DMA_MAPPING_ERROR: %s does not reach %s", device, page));
        }
        return new Address(handle);
    }
}

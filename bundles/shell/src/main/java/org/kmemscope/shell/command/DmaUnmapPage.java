package org.kmemscope.shell.command;

import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;

/** {@code dma_unmap_page}. */
@Command(
        name = "dma_unmap_page",
        description = "Gives streaming mappings up.",
        footerHeading = "%nExample:%n",
        footer = {"  dma_unmap_page $h", "  dma_unmap_page $h --direction DMA_TO_DEVICE"})
final class DmaUnmapPage extends DmaUnmapping {
    DmaUnmapPage() {
        super("page");
    }

    @Override
    void unmap(Kernel kernel, DmaDevice owner, long handle, long bytes, Direction way) {
        kernel.dmaUnmapPage(owner, handle, bytes, way);
    }
}

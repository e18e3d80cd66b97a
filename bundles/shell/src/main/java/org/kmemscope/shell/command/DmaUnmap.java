package org.kmemscope.shell.command;

import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;

/** {@code dma_unmap_single}. */
@Command(
        name = "dma_unmap_single",
        description = "Gives streaming mappings up.",
        footerHeading = "%nExample:%n",
        footer = {"  dma_unmap_single $h", "  dma_unmap_single $h --direction DMA_TO_DEVICE"})
final class DmaUnmap extends DmaUnmapping {
    DmaUnmap() {
        super("single");
    }

    @Override
    void unmap(Kernel kernel, DmaDevice owner, long handle, long bytes, Direction way) {
        kernel.dmaUnmapSingle(owner, handle, bytes, way);
    }
}

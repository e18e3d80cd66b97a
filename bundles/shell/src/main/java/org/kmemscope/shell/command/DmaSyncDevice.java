package org.kmemscope.shell.command;

import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;

/** {@code dma_sync_single_for_device}. */
@Command(
        name = "dma_sync_single_for_device",
        description = "Gives a mapped buffer back to the device.",
        footerHeading = "%nExample:%n",
        footer = "  dma_sync_single_for_device $h")
final class DmaSyncDevice extends DmaSyncing {
    @Override
    void sync(Kernel kernel, DmaDevice device, long bus, long bytes, Direction way) {
        kernel.dmaSyncSingleForDevice(device, bus, bytes, way);
    }
}

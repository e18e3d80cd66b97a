package org.kmemscope.shell.command;

import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;

/** {@code dma_sync_single_for_cpu}. */
@Command(
        name = "dma_sync_single_for_cpu",
        description = "Gives a mapped buffer to the CPU for a while.",
        footerHeading = "%nExample:%n",
        footer = "  dma_sync_single_for_cpu $h")
final class DmaSyncCpu extends DmaSyncing {
    @Override
    void sync(Kernel kernel, DmaDevice device, long bus, long bytes, Direction way) {
        kernel.dmaSyncSingleForCpu(device, bus, bytes, way);
    }
}

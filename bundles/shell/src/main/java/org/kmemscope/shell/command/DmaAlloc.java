package org.kmemscope.shell.command;

import org.kmemscope.api.dma.DmaBuffer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dma_alloc_coherent}. */
@Command(
        name = "dma_alloc_coherent",
        description = "Takes memory that the CPU and a device see alike.",
        footerHeading = "%nExample:%n",
        footer = {"  b = (dma_alloc_coherent dma0 1k GFP_KERNEL)", "  dma_free_coherent $b"})
final class DmaAlloc extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "DEVICE",
            description = "A device of the machine, or NULL.",
            completionCandidates = Candidates.DeviceNames.class)
    private String device;

    @Parameters(index = "1", paramLabel = "SIZE", description = "Bytes: 100, 0x64, 4k, 3p (pages).")
    private String size;

    @Parameters(
            index = "2",
            paramLabel = "GFP",
            description = "Flags, joined by + (| is a pipe), or a number.",
            completionCandidates = Candidates.GfpFlags.class)
    private String flags;

    @Override
    Object run(Call call) {
        int gfp = call.arguments().gfp(flags);
        long bytes = Arguments.size(size);
        DmaBuffer buffer = call.kernel().dmaAllocCoherent(Devices.find(call.machine(), device), bytes, gfp);
        if (buffer.failed()) {
            throw new Failure("NULL: no coherent memory of " + bytes + " bytes that " + device + " reaches");
        }
        return new CoherentBuffer(buffer.virt(), buffer.handle());
    }
}

package org.kmemscope.shell.command;

import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dma_set_mask} and {@code dma_set_coherent_mask}. */
@Command(
        name = "dma_set_mask",
        description = "Tells the kernel how many address lines a device has, for mappings and coherent memory.",
        footerHeading = "%nExample:%n",
        footer = {"  dma_set_mask card0 28", "  dma_set_mask card0 0xfffffff --coherent"})
final class DmaSetMask extends KmemCommand {
    private static final int MOST_BITS = 64;

    @Parameters(
            index = "0",
            paramLabel = "DEVICE",
            description = "A device of the machine.",
            completionCandidates = Candidates.DeviceNames.class)
    private String device;

    @Parameters(index = "1", paramLabel = "BITS|MASK", description = "24, 28, 30, 32, 64; or the mask, with 0x.")
    private String mask;

    @Option(names = "--coherent", description = "Only for coherent memory (dma_set_coherent_mask).")
    private boolean coherent;

    @Option(names = "--streaming", description = "Only for mappings (dma_set_mask).")
    private boolean streaming;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        DmaDevice target = Devices.find(call.machine(), device);
        long value = value();
        int result = coherent ? 0 : kernel.dmaSetMask(target, value);
        if (result == 0 && !streaming) {
            result = kernel.dmaSetCoherentMask(target, value);
        }
        if (result != 0) {
            throw new Failure(String.format(
                    "%d (EIO): this kernel cannot serve a device with mask 0x%x on this machine", result, value));
        }
        return NOTHING;
    }

    private long value() {
        if (mask.startsWith("0x")) {
            return Arguments.number(mask, "mask");
        }
        long bits = Arguments.number(mask, "number of bits");
        if (bits < 1 || bits > MOST_BITS) {
            throw new Failure("'" + mask + "': a mask has 1 to 64 bits");
        }
        return bits == MOST_BITS ? Long.MAX_VALUE : (1L << bits) - 1;
    }
}

package org.kmemscope.shell.command;

import org.kmemscope.api.dma.DmaPool;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dma_pool_create}. */
@Command(
        name = "dma_pool_create",
        description = "Makes a pool of small pieces of coherent memory; its name is how others name it.",
        footerHeading = "%nExample:%n",
        footer = {"  dma_pool_create descriptors card0 64 --align 64", "  d = (dma_pool_alloc descriptors GFP_KERNEL)"})
final class DmaPoolCreate extends KmemCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the pool.")
    private String name;

    @Parameters(
            index = "1",
            paramLabel = "DEVICE",
            description = "A device of the machine, or NULL.",
            completionCandidates = Candidates.DeviceNames.class)
    private String device;

    @Parameters(index = "2", paramLabel = "SIZE", description = "Bytes of a piece.")
    private String size;

    @Option(names = "--align", paramLabel = "BYTES", description = "A power of two.")
    private String align;

    @Option(names = "--boundary", paramLabel = "BYTES", description = "A power of two that no piece crosses.")
    private String boundary;

    @Override
    Object run(Call call) {
        if (DmaPools.known(call.machine()).anyMatch(pool -> pool.name().equals(name))) {
            throw new Failure("there is a pool called " + name + " already");
        }
        DmaPool pool = call.kernel()
                .dmaPoolCreate(
                        name,
                        Devices.find(call.machine(), device),
                        Arguments.size(size),
                        align == null ? 0 : Arguments.size(align),
                        boundary == null ? 0 : Arguments.size(boundary));
        if (pool.equals(DmaPool.NONE)) {
            throw new Failure(
                    "NULL: size at least 1, alignment and boundary powers of two, no boundary below the size");
        }
        return name;
    }
}

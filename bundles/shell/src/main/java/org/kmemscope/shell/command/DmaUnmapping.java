package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.view.DmaMappingView;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives mappings up. Size and direction are those of the mapping, unless somebody wants to see what happens with others. */
abstract class DmaUnmapping extends KmemCommand {
    private final String kind;

    @Parameters(
            paramLabel = "HANDLE",
            arity = "1..*",
            description = "What the mapping call answered: the bus address.",
            completionCandidates = Live.Handles.class)
    private List<String> handles;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            description = "Another size than the mapping's: a mistake to look at.")
    private String size;

    @Option(
            names = "--direction",
            paramLabel = "DIRECTION",
            description = "Another direction than the mapping's: a mistake to look at.")
    private Direction direction;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "Another device than the mapping's: a mistake to look at.",
            completionCandidates = Candidates.DeviceNames.class)
    private String device;

    /**
     * @param kind of mappings that the call takes
     */
    DmaUnmapping(String kind) {
        this.kind = kind;
    }

    abstract void unmap(Kernel kernel, DmaDevice owner, long handle, long bytes, Direction way);

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        for (String text : handles) {
            long handle = call.arguments().address(text);
            DmaMappingView mapping = DmaMappings.streaming(call, text, handle, kind);
            unmap(
                    kernel,
                    device == null ? DmaMappings.device(call.machine(), mapping) : Devices.find(call.machine(), device),
                    handle,
                    size == null ? mapping.size() : Arguments.size(size),
                    direction == null ? Direction.valueOf(mapping.direction()) : direction);
        }
        return NOTHING;
    }
}

package org.kmemscope.shell.command;

import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.view.DmaMappingView;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a mapped buffer to the CPU or back to the device. Without a size, all of it. */
abstract class DmaSyncing extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "HANDLE",
            description = "What the mapping call answered, or a bus address within the mapping.",
            completionCandidates = Live.Handles.class)
    private String handle;

    @Parameters(index = "1", arity = "0..1", paramLabel = "SIZE", description = "Bytes: 100, 0x64, 4k, 3p (pages).")
    private String size;

    @Option(
            names = "--direction",
            paramLabel = "DIRECTION",
            description = "Another direction than the mapping's: a mistake to look at.")
    private Direction direction;

    abstract void sync(Kernel kernel, DmaDevice device, long bus, long bytes, Direction way);

    @Override
    Object run(Call call) {
        long bus = call.arguments().address(handle);
        DmaMappingView mapping = DmaMappings.around(call, handle, bus);
        sync(
                call.kernel(),
                DmaMappings.device(call.machine(), mapping),
                bus,
                size == null ? mapping.handle() + mapping.size() - bus : Arguments.size(size),
                direction == null ? Direction.valueOf(mapping.direction()) : direction);
        return NOTHING;
    }
}

package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.ScatterEntry;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command that takes a scatter list for a device. */
abstract class ScatterCommand extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "DEVICE",
            description = "A device of the machine.",
            completionCandidates = Candidates.DeviceNames.class)
    private String device;

    @Parameters(index = "1", paramLabel = "DIRECTION", description = "One of ${COMPLETION-CANDIDATES}.")
    private Direction direction;

    @Parameters(
            index = "2..*",
            arity = "1..*",
            paramLabel = "PIECE",
            description = "Linear address or page, and length: 0xc1000000+300, pfn:0x1234+4k.")
    private List<String> pieces;

    @Option(names = "--merge", description = "Join adjacent pieces, within the limits of the device's segments.")
    private boolean merge;

    abstract void act(Call call, DmaDevice target, List<ScatterEntry> list, Direction way);

    @Override
    final Object run(Call call) {
        Kernel kernel = call.kernel();
        DmaDevice target = Devices.find(call.machine(), device);
        List<ScatterEntry> list = Pieces.parse(call, pieces);
        act(call, target, merge ? kernel.sgMerge(target, list) : list, direction);
        return NOTHING;
    }
}

package org.kmemscope.shell.command;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.kmemscope.api.dma.DmaDevice;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code device_write}: a bus master writes. */
@Command(
        name = "device_write",
        description = "Lets a device write memory, past the CPU's cache where it does not see that.",
        footerHeading = "%nExample:%n",
        footer = {"  device_write card0 $h \"hello from the card\"", "  device_write card0 $h --fill 0x5a 1500"})
final class DeviceWrite extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "DEVICE",
            description = "A device of the machine.",
            completionCandidates = Candidates.DeviceNames.class)
    private String device;

    @Parameters(
            index = "1",
            paramLabel = "BUS",
            description = "Bus address, such as what dma_map_single answered.",
            completionCandidates = Live.Handles.class)
    private String bus;

    @Parameters(index = "2", paramLabel = "TEXT|LENGTH", description = "A text; with --fill, how many bytes.")
    private String what;

    @Option(names = "--fill", paramLabel = "BYTE", description = "Write this byte over and over.")
    private String fill;

    @Override
    Object run(Call call) {
        DmaDevice master = Devices.find(call.machine(), device);
        long start = call.arguments().address(bus);
        byte[] bytes;
        if (fill == null) {
            bytes = what.getBytes(StandardCharsets.ISO_8859_1);
        } else {
            bytes = new byte[(int) Arguments.size(what)];
            Arrays.fill(bytes, (byte) Arguments.number(fill, "byte"));
        }
        call.kernelCall(device, () -> {
            call.machine().dma().deviceWrite(master, start, bytes);
            return NOTHING;
        });
        return NOTHING;
    }
}

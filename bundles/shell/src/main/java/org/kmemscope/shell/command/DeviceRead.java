package org.kmemscope.shell.command;

import org.kmemscope.api.dma.DmaDevice;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code device_read}: what a bus master reads. */
@Command(
        name = "device_read",
        description = "Lets a device read memory, past the CPU's cache where it does not see that; prints the bytes.",
        footerHeading = "%nExample:%n",
        footer = "  device_read card0 $h 16")
final class DeviceRead extends KmemCommand {
    private static final int PER_LINE = 16;

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

    @Parameters(index = "2", paramLabel = "LENGTH", description = "Bytes.")
    private String length;

    @Override
    Object run(Call call) {
        DmaDevice master = Devices.find(call.machine(), device);
        long start = call.arguments().address(bus);
        int count = (int) Arguments.size(length);
        byte[] bytes = call.kernelCall(device, () -> call.machine().dma().deviceRead(master, start, count));
        for (int at = 0; at < count; at += PER_LINE) {
            StringBuilder hex = new StringBuilder();
            StringBuilder ascii = new StringBuilder();
            for (int i = at; i < Math.min(at + PER_LINE, count); i++) {
                hex.append(String.format(" %02x", bytes[i]));
                ascii.append(bytes[i] >= ' ' && bytes[i] <= '~' ? (char) bytes[i] : '.');
            }
            call.line("%08x: %-48s   %s", start + at, hex, ascii);
        }
        return NOTHING;
    }
}

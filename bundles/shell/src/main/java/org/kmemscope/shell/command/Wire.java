package org.kmemscope.shell.command;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.kmemscope.api.dma.DmaDevice;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wire}: the other end of a network card. */
@Command(
        name = "wire",
        description = "Sends a frame to a network card, or shows what the card has sent.",
        footerHeading = "%nExample:%n",
        footer = {"  wire card0 \"hello card\"", "  tick 2", "  wire card0"})
final class Wire extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "CARD",
            description = "A network card of the machine.",
            completionCandidates = Candidates.DeviceNames.class)
    private String card;

    @Parameters(index = "1", arity = "0..1", paramLabel = "FRAME", description = "The bytes of a frame, as text.")
    private String frame;

    @Option(
            names = {"-n", "--count"},
            paramLabel = "COUNT",
            description = "Send it so often.",
            defaultValue = "1")
    private int count;

    @Override
    Object run(Call call) {
        DmaDevice device = Devices.find(call.machine(), card);
        if (frame == null) {
            List<byte[]> sent = call.machine().locked(() -> call.machine().dma().sent(device));
            sent.forEach(bytes ->
                    call.line("%d bytes  \"%s\"", bytes.length, new String(bytes, StandardCharsets.ISO_8859_1)));
            return NOTHING;
        }
        byte[] bytes = frame.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < count; i++) {
            boolean taken = call.kernelCall(card, () -> call.machine().dma().receive(device, bytes));
            if (!taken) {
                throw new Failure(card + " has no memory left after " + i + " frames; let it work with tick");
            }
        }
        return NOTHING;
    }
}

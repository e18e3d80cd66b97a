package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.view.DmaDeviceView;
import picocli.CommandLine.Command;

/** {@code devices}. */
@Command(
        name = "devices",
        description = "The devices of the machine, and what memory they reach.",
        footerHeading = "%nExample:%n",
        footer = "  devices")
final class DevicesCommand extends ViewCommand<List<DmaDeviceView>> {
    @Override
    List<DmaDeviceView> view(Call call) {
        return call.machine().locked(() -> call.machine().dma().deviceViews());
    }

    @Override
    String text(Call call, List<DmaDeviceView> view) {
        Table table =
                new Table("NAME", "KIND", "MASK", "COHERENT", "REACHES (PHYSICAL)", "IRQ", "REGISTERS", "MAPPINGS");
        for (DmaDeviceView device : view) {
            table.row(
                    device.name(),
                    device.kind(),
                    mask(device.mask()),
                    mask(device.coherentMask()),
                    String.format("0x%08x - 0x%08x", device.firstPhys(), device.lastPhys()),
                    device.irq() == 0 ? "" : device.irq(),
                    device.registers() == 0 ? "" : String.format("0x%08x", device.registers()),
                    device.mappings());
        }
        return table.toString();
    }

    private static String mask(long mask) {
        return Long.bitCount(mask) + " bits";
    }
}

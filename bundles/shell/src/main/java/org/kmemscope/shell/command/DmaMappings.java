package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.DmaMappingView;
import picocli.CommandLine.Command;

/** {@code dma_mappings}. */
@Command(
        name = "dma_mappings",
        description = "Coherent buffers and streaming mappings, which devices may reach.",
        footerHeading = "%nExample:%n",
        footer = "  dma_mappings")
final class DmaMappings extends ViewCommand<List<DmaMappingView>> {
    @Override
    List<DmaMappingView> view(Call call) {
        return call.views().dmaMappings();
    }

    @Override
    String text(Call call, List<DmaMappingView> view) {
        Table table = new Table("KIND", "DEVICE", "VIRTUAL", "HANDLE", "SIZE", "DIRECTION", "CALLER");
        for (DmaMappingView mapping : view) {
            table.row(
                    mapping.kind(),
                    mapping.device(),
                    String.format("0x%08x", mapping.virt()),
                    String.format("0x%08x", mapping.handle()),
                    mapping.size(),
                    mapping.direction(),
                    mapping.caller());
        }
        return table.toString();
    }

    /** The device of a mapping. */
    static DmaDevice device(Machine machine, DmaMappingView mapping) {
        return machine.locked(() -> machine.dma().devices()).stream()
                .filter(device -> device.name().equals(mapping.device()))
                .findFirst()
                .orElse(DmaDevice.NULL);
    }
}

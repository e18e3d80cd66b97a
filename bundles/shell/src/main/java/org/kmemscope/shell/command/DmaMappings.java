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
        Table table = new Table("KIND", "DEVICE", "VIRTUAL", "HANDLE", "SIZE", "DIRECTION", "OWNER", "CALLER");
        for (DmaMappingView mapping : view) {
            table.row(
                    mapping.kind(),
                    mapping.device(),
                    String.format("0x%08x", mapping.virt()),
                    String.format("0x%08x", mapping.handle()),
                    mapping.size(),
                    mapping.direction(),
                    mapping.owner(),
                    mapping.caller());
        }
        return table.toString();
    }

    /** The live mapping of a kind with a bus address. */
    static DmaMappingView streaming(Call call, String text, long handle, String kind) {
        List<DmaMappingView> found = call.views().dmaMappings().stream()
                .filter(known -> known.handle() == handle)
                .toList();
        return found.stream()
                .filter(known -> known.kind().equals(kind))
                .findFirst()
                .or(() -> found.stream().findFirst())
                .orElseThrow(() -> new Failure(text + " is no live mapping; dma_mappings shows those that there are"));
    }

    /** The live mapping around a bus address. */
    static DmaMappingView around(Call call, String text, long bus) {
        return call.views().dmaMappings().stream()
                .filter(known -> bus >= known.handle() && bus < known.handle() + known.size())
                .findFirst()
                .orElseThrow(
                        () -> new Failure(text + " is in no live mapping; dma_mappings shows those that there are"));
    }

    /** The device of a mapping. */
    static DmaDevice device(Machine machine, DmaMappingView mapping) {
        return machine.locked(() -> machine.dma().devices()).stream()
                .filter(device -> device.name().equals(mapping.device()))
                .findFirst()
                .orElse(DmaDevice.NULL);
    }
}

package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.DmaChannelView;

/** Finds channels of DMA engines by their names, such as {@code dma1chan0}. */
final class Channels {
    private static final String SEPARATOR = "chan";

    private Channels() {}

    static DmaChannel find(Machine machine, String name) {
        List<String> names = machine.locked(() -> machine.dma().channels()).stream()
                .map(DmaChannelView::name)
                .toList();
        if (!names.contains(name)) {
            throw new Failure(
                    names.isEmpty()
                            ? "this machine has no DMA engine"
                            : "no channel is called " + name + Nearest.hint(name, names) + "; there are "
                                    + String.join(", ", names));
        }
        int at = name.lastIndexOf(SEPARATOR);
        DmaDevice engine = Devices.find(machine, name.substring(0, at));
        int number = Integer.parseInt(name.substring(at + SEPARATOR.length()));
        return new DmaChannel(engine, number, engine.irq() + number);
    }
}

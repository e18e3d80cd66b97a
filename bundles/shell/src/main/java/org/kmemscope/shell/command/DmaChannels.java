package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.view.DmaChannelView;
import picocli.CommandLine.Command;

/** {@code dma_channels}. */
@Command(
        name = "dma_channels",
        description = "Channels of DMA engines, and what they do now.",
        footerHeading = "%nExample:%n",
        footer = "  dma_channels")
final class DmaChannels extends ViewCommand<List<DmaChannelView>> {
    @Override
    List<DmaChannelView> view(Call call) {
        return call.machine().locked(() -> call.machine().dma().channels());
    }

    @Override
    String text(Call call, List<DmaChannelView> view) {
        Table table = new Table(
                "CHANNEL", "STATE", "COOKIE", "KIND", "RESIDUE", "WAITING", "COMPLETED", "DESCRIPTOR", "OWNER");
        for (DmaChannelView channel : view) {
            boolean works = channel.cookie() != 0;
            table.row(
                    channel.name(),
                    channel.state(),
                    works ? channel.cookie() : "",
                    channel.kind(),
                    works ? channel.residue() : "",
                    channel.waiting(),
                    channel.completed(),
                    works ? String.format("0x%08x", channel.descriptor()) : "",
                    channel.owner());
        }
        return table.toString();
    }
}

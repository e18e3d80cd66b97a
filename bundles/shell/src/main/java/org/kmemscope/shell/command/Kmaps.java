package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.view.KmapView;
import picocli.CommandLine.Command;

/** {@code kmaps}. */
@Command(
        name = "kmaps",
        description = "Windows onto high memory that are open, and slots that are not flushed yet.",
        footerHeading = "%nExample:%n",
        footer = "  kmaps")
final class Kmaps extends ViewCommand<List<KmapView>> {
    @Override
    List<KmapView> view(Call call) {
        return call.views().kmaps();
    }

    @Override
    String text(Call call, List<KmapView> view) {
        Table table = new Table("KIND", "SLOT", "NAME", "VIRTUAL", "PAGE", "COUNT", "HELD BY");
        for (KmapView window : view) {
            table.row(
                    window.kind(),
                    window.slot(),
                    window.name(),
                    String.format("0x%08x", window.virt()),
                    window.pfn() < 0 ? "-" : String.format("pfn:0x%x", window.pfn()),
                    window.count(),
                    window.holders());
        }
        return table.toString();
    }
}

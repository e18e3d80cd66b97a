package org.kmemscope.shell.command;

import java.util.List;
import java.util.Map;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.view.Views;
import org.kmemscope.api.view.ZoneView;
import picocli.CommandLine.Command;

/** {@code layout}. */
@Command(
        name = "layout",
        description = "The kernel's address space as the boot log prints it, its constants, and the zones.",
        footerHeading = "%nExample:%n",
        footer = "  layout | grep VMALLOC")
final class Layout extends ViewCommand<Layout.LayoutView> {
    /** Smaller values are counts, larger ones addresses and sizes of areas. */
    private static final long HEX_FROM = 1 << 20;

    /** The address space. */
    record LayoutView(
            List<String> bootLog, List<AddressLayout.Region> regions, Map<String, Long> constants, List<Span> zones) {}

    /** What a zone spans; ends are exclusive. */
    record Span(String zone, long startPfn, long endPfn, long start, long end, long present, long managed) {}

    @Override
    LayoutView view(Call call) {
        Views views = call.views();
        List<Span> zones = views.zones().stream().map(Layout::span).toList();
        AddressLayout layout = views.layout();
        return new LayoutView(views.layoutBlock(), layout.regions(), layout.constants(), zones);
    }

    private static Span span(ZoneView zone) {
        long end = zone.startPfn() + zone.spanned();
        return new Span(
                zone.type().label(),
                zone.startPfn(),
                end,
                (long) zone.startPfn() << Profile.PAGE_SHIFT,
                end << Profile.PAGE_SHIFT,
                zone.present(),
                zone.managed());
    }

    @Override
    String text(Call call, LayoutView view) {
        StringBuilder text = new StringBuilder();
        view.bootLog().forEach(line -> text.append(line).append('\n'));
        text.append(view.bootLog().isEmpty() ? "" : "\n");
        view.constants().forEach((name, value) -> text.append(name)
                .append(" = ")
                .append(value >= HEX_FROM ? String.format("0x%08x", value) : value.toString())
                .append('\n'));
        Table zones = new Table("ZONE", "START_PFN", "END_PFN", "PHYSICAL", "PRESENT", "MANAGED");
        for (Span zone : view.zones()) {
            zones.row(
                    zone.zone(),
                    String.format("0x%x", zone.startPfn()),
                    String.format("0x%x", zone.endPfn()),
                    zone.startPfn() == zone.endPfn()
                            ? "empty"
                            : String.format("0x%08x-0x%08x", zone.start(), zone.end() - 1),
                    zone.present(),
                    zone.managed());
        }
        return text.append('\n').append(zones).toString();
    }
}

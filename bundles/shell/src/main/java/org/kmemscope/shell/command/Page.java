package org.kmemscope.shell.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Provenance.Origin;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.process.Processes;
import org.kmemscope.api.view.KmapView;
import org.kmemscope.api.view.VmapAreaView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code page}. */
@Command(
        name = "page",
        description = "Tells of a page what its struct page says, where it is mapped, and who holds it.",
        footerHeading = "%nExample:%n",
        footer = {"  page pfn:0x1234", "  page 0xc1234000"})
final class Page extends ViewCommand<List<Page.PageView>> {
    /** What serves a part that a machine does not have. */
    private static final String NONE = "none";

    @Parameters(
            paramLabel = "PAGE",
            arity = "1..*",
            description = "pfn:0x1234, 1234, or a virtual address that is mapped.",
            completionCandidates = Live.Anything.class)
    private List<String> pages;

    /** A page. Addresses where it is mapped at this moment come with the mapping's name. */
    record PageView(
            int pfn,
            long phys,
            List<String> mappings,
            String zone,
            String pageblock,
            List<String> flags,
            int count,
            int mapCount,
            int order,
            String owner,
            Optional<Origin> origin) {}

    @Override
    List<PageView> view(Call call) {
        Machine machine = call.machine();
        Arguments arguments = call.arguments();
        return machine.locked(() -> pages.stream()
                .map(page -> of(call, machine, arguments.mappedPage(page)))
                .toList());
    }

    /** Everything about a frame. */
    static PageView of(Call call, Machine machine, int pfn) {
        PageFrames frames = machine.frames();
        int zone = frames.zone(pfn);
        int head = frames.compoundHead(pfn);
        int order = frames.is(pfn, PageFlag.BUDDY) ? frames.buddyOrder(pfn) : frames.compoundOrder(head);
        List<String> mappings = new ArrayList<>();
        if (machine.layout().isLowmem(pfn)) {
            mappings.add(String.format("0x%08x linear", machine.layout().pfnToVirt(pfn)));
        }
        for (KmapView window : call.views().kmaps()) {
            if (window.pfn() == pfn) {
                mappings.add(String.format("0x%08x %s", window.virt(), window.kind()));
            }
        }
        for (VmapAreaView area : call.views().vmapAreas()) {
            int index = area.pfns().indexOf(pfn);
            if (index >= 0) {
                mappings.add(String.format(
                        "0x%08x %s",
                        area.start() + ((long) index << Profile.PAGE_SHIFT),
                        area.kind().label()));
            }
        }
        if (!NONE.equals(machine.parts().get("process"))) {
            for (Processes.UserMapping user : machine.processes().mappings(pfn)) {
                mappings.add(String.format("0x%08x of %s (pid %d)", user.virt(), user.comm(), user.pid()));
            }
        }
        return new PageView(
                pfn,
                (long) pfn << Profile.PAGE_SHIFT,
                mappings,
                zone < 0 ? "none" : machine.pages().zoneType(zone).label(),
                zone < 0
                        ? "none"
                        : machine.gfp()
                                .migrateTypes()
                                .type(frames.blockType(pfn))
                                .label(),
                PageFlag.of(frames.flags(pfn)).stream().map(PageFlag::label).toList(),
                frames.count(pfn),
                frames.mapCount(pfn),
                order,
                frames.owner(pfn) == 0 ? "" : machine.trace().callSites().text(frames.owner(pfn)),
                machine.provenance().page(pfn));
    }

    @Override
    String text(Call call, List<PageView> view) {
        StringBuilder text = new StringBuilder();
        for (PageView page : view) {
            text.append(text.isEmpty() ? "" : "\n").append(text(page));
        }
        return text.toString();
    }

    static String text(PageView page) {
        StringBuilder text = new StringBuilder();
        field(text, "page", String.format("pfn:0x%x, physical 0x%08x", page.pfn(), page.phys()));
        field(text, "mapped", mappings(page));
        field(text, "zone", page.zone() + ", pageblock " + page.pageblock());
        field(text, "flags", page.flags().isEmpty() ? "none" : String.join(" ", page.flags()));
        field(text, "count", page.count() + ", mapcount " + page.mapCount() + ", order " + page.order());
        if (!page.owner().isEmpty()) {
            field(text, "owner", page.owner());
        }
        page.origin().ifPresent(origin -> field(text, "origin", origin(origin)));
        return text.toString();
    }

    /** Where a page is mapped at this moment. */
    static String mappings(PageView page) {
        return page.mappings().isEmpty() ? "nowhere" : String.join(", ", page.mappings());
    }

    /** Who took a page, and when. */
    static String origin(Origin origin) {
        return String.format(
                "order %d, by %s (pid %d) at %s, event %d, tick %d",
                origin.requested(), origin.comm(), origin.pid(), origin.site(), origin.sequence(), origin.jiffies());
    }

    private static void field(StringBuilder text, String name, String value) {
        text.append(String.format("%-7s %s\n", name, value));
    }
}

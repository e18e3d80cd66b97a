package org.kmemscope.shell.print;

import java.util.List;
import java.util.Locale;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.view.ZoneView;

/** {@code /proc/pagetypeinfo}: free blocks by mobility, and how many pageblocks have each ({@code pagetypeinfo_show()}). */
public final class PagetypeinfoPrinter {
    /** From 5.5 on the kernel stops counting a list here, because it holds a lock meanwhile. */
    private static final long LIST_LIMIT = 100_000;

    private final KernelVersion version;
    private final List<String> types;
    private final StringBuilder out = new StringBuilder();

    private PagetypeinfoPrinter(KernelVersion version, List<String> types) {
        this.version = version;
        this.types = types;
    }

    /**
     * The text of the file.
     *
     * @param types names of the migrate types, by their numbers
     */
    public static String text(KernelVersion version, List<ZoneView> zones, List<String> types) {
        PagetypeinfoPrinter printer = new PagetypeinfoPrinter(version, types);
        printer.print(zones.stream().filter(ZoneView::populated).toList());
        return printer.out.toString();
    }

    private void print(List<ZoneView> zones) {
        if (zones.isEmpty()) {
            return;
        }
        int order = zones.get(0).pageblockOrder();
        add("Page block order: %d\n", order);
        add("Pages per block:  %d\n\n", 1L << order);
        add("%-43s ", "Free pages count per migrate type at order");
        for (int i = 0; i < zones.get(0).freeBlocks().size(); i++) {
            add("%6d ", i);
        }
        out.append('\n');
        zones.forEach(this::freeLists);
        add("\n%-23s", "Number of blocks type ");
        types.forEach(type -> add("%12s ", label(type)));
        out.append('\n');
        for (ZoneView zone : zones) {
            add("Node 0, zone %8s ", zone.type().label());
            types.forEach(type -> add("%12d ", zone.pageblocks().getOrDefault(type, 0L)));
            out.append('\n');
        }
    }

    private void freeLists(ZoneView zone) {
        List<Long> none = zone.freeBlocks().stream().map(count -> 0L).toList();
        for (String type : types) {
            add("Node    0, zone %8s, type %12s ", zone.type().label(), label(type));
            for (long count : zone.freeByType().getOrDefault(type, none)) {
                boolean cut = version.isAtLeast(5, 5) && count >= LIST_LIMIT;
                add("%s%6d ", cut ? ">" : "", cut ? LIST_LIMIT : count);
            }
            out.append('\n');
        }
    }

    /** 2.6.24 has a fifth migrate type and four names. */
    private String label(String type) {
        boolean nameless = type.equals(MigrateType.ISOLATE.label()) && !version.isAtLeast(2, 6, 25);
        return nameless ? "<NULL>" : type;
    }

    private void add(String format, Object... arguments) {
        out.append(String.format(Locale.ROOT, format, arguments));
    }
}

package org.kmemscope.shell.print;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.api.view.ZoneView;

/**
 * {@code /proc/zoneinfo} ({@code zoneinfo_show_print()} in mm/vmstat.c).
 *
 * <p>Two families: the old one prints the counters of a zone, then its protection, and leaves empty zones out; the new one prints
 * the node's counters with the first zone, the protection before the counters, and empty zones in short.
 *
 * <p>Some numbers belong to reclaim and are no counters of the model's zones; they are looked up among a zone's statistics by the
 * names below and have the value of an idle machine where they are missing.
 */
public final class ZoneinfoPrinter {
    private static final int DEF_PRIORITY = 12;
    private static final int PAGES_PER_GB_SHIFT = 18;

    /** What an era prints. */
    private record Era(Scanned scanned, boolean managed, boolean priority, boolean inactiveRatio) {}

    /** The line on pages scanned since the last reclaim. */
    private enum Scanned {
        /** With the two LRU lists. */
        ACTIVE_INACTIVE(" (a: %d i: %d)"),
        /** With the four lists of split LRUs. */
        SPLIT(" (aa: %d ia: %d af: %d if: %d)"),
        /** The sum only. */
        PLAIN("");

        private final String lists;

        Scanned(String lists) {
            this.lists = lists;
        }
    }

    private final KernelVersion version;
    private final Era era;
    private final StringBuilder out = new StringBuilder();

    private ZoneinfoPrinter(KernelVersion version) {
        this.version = version;
        this.era = new Era(
                // split LRUs came with 2.6.28; 2.6.31 dropped the scan counters of the lists
                version.isAtLeast(2, 6, 31)
                        ? Scanned.PLAIN
                        : version.isAtLeast(2, 6, 28) ? Scanned.SPLIT : Scanned.ACTIVE_INACTIVE,
                version.isAtLeast(3, 8),
                !version.isAtLeast(2, 6, 36),
                version.isAtLeast(2, 6, 28));
    }

    /** The text of the file. */
    public static String text(KernelVersion version, List<ZoneView> zones, List<CounterView> node) {
        ZoneinfoPrinter printer = new ZoneinfoPrinter(version);
        // node counters moved out of the zones with 4.8, the rest followed by 4.13
        if (version.isAtLeast(4, 8)) {
            printer.printNew(zones, node);
        } else {
            zones.stream().filter(ZoneView::populated).forEach(printer::printOld);
        }
        return printer.out.toString();
    }

    // ---- up to 4.7

    private void printOld(ZoneView zone) {
        line("Node 0, zone %8s", zone.type().label());
        line("  pages free     %d", zone.free());
        line("        min      %d", zone.min());
        line("        low      %d", zone.low());
        line("        high     %d", zone.high());
        line(
                "        scanned  %d" + era.scanned.lists,
                other(zone, "pages_scanned", 0),
                other(zone, "scan_active", 0),
                other(zone, "scan_inactive", 0),
                other(zone, "scan_active_file", 0),
                other(zone, "scan_inactive_file", 0));
        line("        spanned  %d", zone.spanned());
        line("        present  %d", zone.present());
        if (era.managed) {
            line("        managed  %d", zone.managed());
        }
        counters("    %-12s %d", zone.statistics());
        protection(zone);
        line("  pagesets");
        for (ZoneView.PageSet set : zone.pageSets()) {
            pageSet(zone, set);
        }
        line("  all_unreclaimable: %d", other(zone, "all_unreclaimable", 0));
        if (era.priority) {
            line("  prev_priority:     %d", other(zone, "prev_priority", DEF_PRIORITY));
        }
        line("  start_pfn:         %d", zone.startPfn());
        if (era.inactiveRatio) {
            line("  inactive_ratio:    %d", inactiveRatio(zone));
        }
    }

    /** {@code calculate_zone_inactive_ratio()}: the root of ten times the size in GiB. */
    private static long inactiveRatio(ZoneView zone) {
        long gigabytes = zone.present() >> PAGES_PER_GB_SHIFT;
        return gigabytes == 0 ? 1 : (long) Math.sqrt(10.0 * gigabytes);
    }

    // ---- from 4.8

    private void printNew(List<ZoneView> zones, List<CounterView> node) {
        boolean first = true;
        for (ZoneView zone : zones) {
            line("Node 0, zone %8s", zone.type().label());
            if (first && zone.populated()) {
                line("  per-node stats");
                node.forEach(counter -> line("      %-12s %d", counter.name(), counter.value()));
                first = false;
            }
            printNew(zone);
        }
    }

    private void printNew(ZoneView zone) {
        line("  pages free     %d", zone.free());
        if (version.isAtLeast(5, 13)) {
            line("        boost    %d", zone.boost());
        }
        line("        min      %d", zone.min());
        line("        low      %d", zone.low());
        line("        high     %d", zone.high());
        line("        spanned  %d", zone.spanned());
        line("        present  %d", zone.present());
        line("        managed  %d", zone.managed());
        if (version.isAtLeast(5, 12)) {
            line("        cma      %d", Math.max(0, zone.cma()));
        }
        protection(zone);
        if (!zone.populated()) {
            return;
        }
        counters("      %-12s %d", zone.statistics());
        line("  pagesets");
        zone.pageSets().forEach(set -> pageSet(zone, set));
        line("  node_unreclaimable:  %d", other(zone, "node_unreclaimable", 0));
        line("  start_pfn:           %d", zone.startPfn());
    }

    // ---- common

    private void counters(String format, Map<String, Long> statistics) {
        statistics.forEach((name, value) -> {
            if (name.startsWith("nr_") || name.startsWith("workingset_")) {
                line(format, name, value);
            }
        });
    }

    private void protection(ZoneView zone) {
        line(
                "        protection: (%s)",
                zone.protection().stream().map(String::valueOf).collect(Collectors.joining(", ")));
    }

    private void pageSet(ZoneView zone, ZoneView.PageSet set) {
        for (int i = 0; i < set.lists().size(); i++) {
            ZoneView.PerCpuList list = set.lists().get(i);
            // hot and cold lists were told apart up to 2.6.24
            line("    cpu: %d" + (set.lists().size() > 1 ? " pcp: %d" : ""), set.cpu(), i);
            line("              count: %d", list.count());
            line("              high:  %d", list.high());
            line("              batch: %d", list.batch());
        }
        if (zone.statThreshold() > 0) {
            // only kernels for several CPUs have one
            line("  vm stats threshold: %d", zone.statThreshold());
        }
    }

    private static long other(ZoneView zone, String name, long otherwise) {
        return zone.statistics().getOrDefault(name, otherwise);
    }

    private void line(String format, Object... arguments) {
        out.append(String.format(Locale.ROOT, format, arguments)).append('\n');
    }
}

package org.kmemscope.shell.print;

import java.util.List;
import java.util.Locale;
import org.kmemscope.api.view.ZoneView;

/** {@code /proc/buddyinfo} ({@code frag_show_print()}): free blocks of each order, the same in every era. */
public final class BuddyinfoPrinter {
    private BuddyinfoPrinter() {}

    /** The text of the file. */
    public static String text(List<ZoneView> zones) {
        StringBuilder out = new StringBuilder();
        for (ZoneView zone : zones) {
            if (zone.populated()) {
                out.append(String.format(
                        Locale.ROOT, "Node 0, zone %8s ", zone.type().label()));
                zone.freeBlocks().forEach(count -> out.append(String.format(Locale.ROOT, "%6d ", count)));
                out.append('\n');
            }
        }
        return out.toString();
    }
}

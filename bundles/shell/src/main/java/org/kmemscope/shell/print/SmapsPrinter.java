package org.kmemscope.shell.print;

import java.util.List;
import java.util.Locale;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.view.UserAreaView;

/** {@code /proc/PID/maps} and {@code smaps} ({@code show_map()}, {@code show_smap()}): the fields that each kernel has, in its order. */
public final class SmapsPrinter {
    /** Column of the name on machines of 32 bits: 25 and six for each byte of a pointer. */
    private static final int NAME_AT = 25 + 6 * Integer.BYTES;

    private static final int KB = 1024;

    private SmapsPrinter() {}

    /** The text of {@code maps}. */
    public static String maps(List<UserAreaView> areas) {
        StringBuilder out = new StringBuilder();
        areas.forEach(area -> out.append(line(area)));
        return out.toString();
    }

    private static String line(UserAreaView area) {
        String line = String.format(
                Locale.ROOT,
                "%08x-%08x r%c-p %08x 00:00 0 ",
                area.start(),
                area.end(),
                area.writable() ? 'w' : '-',
                area.offset());
        String name = area.name().isEmpty() ? "" : " ".repeat(NAME_AT - line.length()) + area.name();
        return line + name + "\n";
    }

    /** The text of {@code smaps}. */
    public static String smaps(KernelVersion version, List<UserAreaView> areas) {
        StringBuilder out = new StringBuilder();
        areas.forEach(area -> new Fields(version, out, area).print());
        return out.toString();
    }

    /** The lines of one area. */
    private record Fields(KernelVersion version, StringBuilder out, UserAreaView area) {
        void print() {
            out.append(line(area));
            field("Size", area.size());
            boolean sizesFirst = version.isAtLeast(4, 20);
            if (sizesFirst) {
                pageSizes();
            }
            field("Rss", area.rss());
            since(version.isAtLeast(2, 6, 25), "Pss", area.pss());
            since(version.isAtLeast(6, 0), "Pss_Dirty", area.pssDirty());
            field("Shared_Clean", area.sharedClean());
            field("Shared_Dirty", area.sharedDirty());
            field("Private_Clean", area.privateClean());
            field("Private_Dirty", area.privateDirty());
            field("Referenced", area.referenced());
            since(version.isAtLeast(2, 6, 37), "Anonymous", area.rss());
            since(version.isAtLeast(4, 12), "LazyFree", 0);
            since(version.isAtLeast(2, 6, 38), "AnonHugePages", 0);
            since(version.isAtLeast(4, 8), "ShmemPmdMapped", 0);
            since(version.isAtLeast(5, 4), "FilePmdMapped", 0);
            since(version.isAtLeast(4, 4), "Shared_Hugetlb", 0);
            since(version.isAtLeast(4, 4), "Private_Hugetlb", 0);
            since(version.isAtLeast(2, 6, 26), "Swap", area.swapped());
            since(version.isAtLeast(4, 3), "SwapPss", area.swapped());
            if (!sizesFirst && version.isAtLeast(2, 6, 29)) {
                pageSizes();
            }
            since(version.isAtLeast(2, 6, 38), "Locked", area.locked());
            if (version.isAtLeast(5, 0)) {
                out.append("THPeligible:    0\n");
            }
            if (version.isAtLeast(3, 8)) {
                flags();
            }
        }

        private void pageSizes() {
            field("KernelPageSize", Profile.PAGE_SIZE);
            field("MMUPageSize", Profile.PAGE_SIZE);
        }

        private void since(boolean has, String name, long bytes) {
            if (has) {
                field(name, bytes);
            }
        }

        private void field(String name, long bytes) {
            out.append(String.format(Locale.ROOT, "%-16s%8d kB\n", name + ":", bytes / KB));
        }

        private void flags() {
            boolean stack = area.name().equals("[stack]");
            out.append("VmFlags: rd ")
                    .append(area.writable() ? "wr " : "")
                    .append("mr mw me ")
                    .append(stack ? "gd " : "")
                    .append(area.locked() > 0 ? "lo " : "")
                    .append("ac \n");
        }
    }
}

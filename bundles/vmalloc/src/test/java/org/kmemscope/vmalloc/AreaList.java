package org.kmemscope.vmalloc;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.VmapAreaView.Kind;

/** Lines of {@code /proc/vmallocinfo}, read. */
final class AreaList {
    private static final Pattern LINE = Pattern.compile("0x([0-9a-f]+)-0x([0-9a-f]+) +(\\d+) ?(.*)");
    private static final Pattern PAGES = Pattern.compile("pages=(\\d+)");
    private static final Pattern PHYS = Pattern.compile("phys=(?:0x)?([0-9a-f]+)");

    private AreaList() {}

    static List<VmapAreaView> read(List<String> lines) {
        return lines.stream().map(AreaList::area).toList();
    }

    private static VmapAreaView area(String line) {
        Matcher match = LINE.matcher(line);
        if (!match.matches()) {
            throw new IllegalArgumentException("no line of vmallocinfo: " + line);
        }
        String rest = match.group(4);
        Matcher pages = PAGES.matcher(rest);
        Matcher phys = PHYS.matcher(rest);
        return new VmapAreaView(
                Long.parseLong(match.group(1), 16),
                Long.parseLong(match.group(2), 16),
                kind(rest),
                pages.find() ? Integer.parseInt(pages.group(1)) : 0,
                phys.find() ? Long.parseLong(phys.group(1), 16) : -1,
                rest.split(" ")[0],
                List.of(),
                rest.endsWith(" vpages"));
    }

    private static Kind kind(String rest) {
        for (Kind kind : Kind.values()) {
            if (rest.endsWith(kind.label()) || rest.endsWith(kind.label() + " vpages")) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no kind of area: " + rest);
    }

    /** What two lists of areas can be compared by: borders, kind, and pages of vmalloc. */
    static List<String> summary(List<VmapAreaView> areas) {
        return areas.stream()
                .map(area -> String.format(
                        "0x%08x-0x%08x %s%s",
                        area.start(),
                        area.end(),
                        area.kind().label(),
                        area.kind() == Kind.VMALLOC ? " " + area.pages() : ""))
                .toList();
    }
}

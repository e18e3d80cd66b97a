package org.kmemscope.fidelity.file;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of {@code /proc/vmallocinfo} whose addresses are not hidden.
 *
 * @param start first address
 * @param end one past the last, guard page included
 * @param kind the word of the kind: {@code vmalloc}, {@code ioremap}, ...
 * @param pages pages that it owns, 0 if the line tells none
 * @param phys physical address of a device mapping; -1 for others
 * @param caller who made it: {@code hpet_enable+0x45/0x260}
 * @param where file and line
 */
public record AreaLine(long start, long end, String kind, int pages, long phys, String caller, String where) {
    private static final int HEX = 16;
    private static final Pattern LINE = Pattern.compile("0x([0-9a-f]{1,8})-0x([0-9a-f]{1,8})\\s+(\\d+)\\s(.*)");
    private static final Pattern PAGES = Pattern.compile("pages=(\\d+)");
    private static final Pattern PHYS = Pattern.compile("phys=(?:0x)?([0-9a-f]+)");
    private static final Pattern KIND = Pattern.compile("\\b(vmalloc|vmap|ioremap|vm_map_ram|dma-coherent)\\b");

    /** The lines of a file, in its order; lines with hidden addresses are left out. */
    public static List<AreaLine> read(String file, List<String> lines) {
        List<AreaLine> areas = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher line = LINE.matcher(lines.get(i));
            if (line.matches()) {
                long start = Long.parseLong(line.group(1), HEX);
                long end = Long.parseLong(line.group(2), HEX);
                if (end - start == Long.parseLong(line.group(3))) {
                    areas.add(area(start, end, line.group(4), file + ":" + (i + 1)));
                }
            }
        }
        return areas;
    }

    private static AreaLine area(long start, long end, String rest, String where) {
        Matcher pages = PAGES.matcher(rest);
        Matcher phys = PHYS.matcher(rest);
        Matcher kind = KIND.matcher(rest);
        return new AreaLine(
                start,
                end,
                kind.find() ? kind.group(1) : "",
                pages.find() ? Integer.parseInt(pages.group(1)) : 0,
                phys.find() ? Long.parseLong(phys.group(1), HEX) : -1,
                rest.trim().split("\\s+")[0],
                where);
    }

    /** The range as people read it. */
    public String range() {
        return String.format("%08x-%08x", start, end);
    }
}

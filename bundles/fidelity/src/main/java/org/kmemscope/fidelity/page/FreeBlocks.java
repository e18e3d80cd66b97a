package org.kmemscope.fidelity.page;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.page.PageState.FreeList;
import org.kmemscope.api.page.PageState.ZoneState;

/**
 * How many free blocks of each order the zones have, as a module printed it in the kernel ({@code FA before GFP_KERNEL order=0
 * DMA=1/0/0/3,free=25,pcp=0 Normal=...}) or as {@code /proc/buddyinfo} does.
 *
 * @param tag what comes before the zones
 * @param zones by name, those without memory left out
 * @param line line of the file, from 1
 */
public record FreeBlocks(String tag, Map<String, Zone> zones, int line) {
    /** First word of a line of a module. */
    static final String KIND = "FA";

    private static final Pattern ZONE = Pattern.compile("(\\w+)=([\\d/]+),free=(\\d+),pcp=(\\d+)");
    private static final Pattern BUDDYINFO = Pattern.compile("Node \\d+, zone\\s+(\\w+)\\s+([\\d ]+)");

    /**
     * A zone.
     *
     * @param blocks free blocks by order
     * @param free the zone's counter of free pages, which lags behind; -1 if it is not told
     * @param perCpu pages on per-CPU lists; -1 if it is not told
     */
    public record Zone(List<Integer> blocks, long free, long perCpu) {
        /** Pages in the blocks. */
        public long pages() {
            long pages = 0;
            for (int order = 0; order < blocks.size(); order++) {
                pages += (long) blocks.get(order) << order;
            }
            return pages;
        }

        /** Pages in the blocks and on per-CPU lists. */
        long pagesWithLists() {
            return pages() + Math.max(0, perCpu);
        }

        /** As {@code 1/0/0/3}. */
        String text() {
            return blocks.toString().replaceAll("[\\[\\] ]", "").replace(',', '/');
        }

        /** The zone of a state. */
        static Zone of(ZoneState zone, int orders) {
            int[] blocks = new int[orders];
            for (FreeList list : zone.freeLists()) {
                blocks[list.order()] += list.pfns().length;
            }
            long perCpu = zone.perCpu().stream().mapToLong(cpu -> cpu.count()).sum();
            return new Zone(Arrays.stream(blocks).boxed().toList(), zone.free(), perCpu);
        }
    }

    /** Whether a line is of this kind. */
    static boolean is(String text) {
        return text.startsWith(KIND + " ");
    }

    /** A line of a module. */
    static FreeBlocks of(String text, int line) {
        Map<String, Zone> zones = new LinkedHashMap<>();
        Matcher zone = ZONE.matcher(text);
        int end = -1;
        while (zone.find()) {
            end = end < 0 ? zone.start() : end;
            zones.put(
                    zone.group(1),
                    new Zone(
                            numbers(zone.group(2), "/"), Long.parseLong(zone.group(3)), Long.parseLong(zone.group(4))));
        }
        if (zones.isEmpty()) {
            throw new IllegalArgumentException("line " + line + " tells no zone: " + text);
        }
        return new FreeBlocks(text.substring(KIND.length() + 1, end).strip(), zones, line);
    }

    /** Rows of {@code /proc/buddyinfo} from a line on. */
    static FreeBlocks ofBuddyinfo(List<String> lines, int first) {
        Map<String, Zone> zones = new LinkedHashMap<>();
        for (int i = first; i < lines.size(); i++) {
            Matcher row = BUDDYINFO.matcher(lines.get(i));
            if (!row.matches()) {
                break;
            }
            zones.put(row.group(1), new Zone(numbers(row.group(2), " +"), -1, -1));
        }
        return new FreeBlocks("buddyinfo", zones, first + 1);
    }

    private static List<Integer> numbers(String text, String between) {
        return Arrays.stream(text.strip().split(between)).map(Integer::valueOf).toList();
    }
}

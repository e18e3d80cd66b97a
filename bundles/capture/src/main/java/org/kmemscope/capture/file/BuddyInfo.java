package org.kmemscope.capture.file;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code /proc/buddyinfo}: a line for each zone with memory, a column for each order.
 *
 * @param blocks free blocks by order, by zone
 */
public record BuddyInfo(Map<ZoneKey, List<Long>> blocks) {
    private static final String FORM = "Node 0, zone   Normal      2      5      0";
    private static final Pattern LINE = Pattern.compile("Node\\s+(\\d+), zone\\s+(\\S+)((?:\\s+\\d+)+)\\s*");
    private static final int MOST_ORDERS = 32;

    /** Keeps an unmodifiable copy, in order. */
    public BuddyInfo {
        blocks = Collections.unmodifiableMap(new LinkedHashMap<>(blocks));
    }

    /**
     * Reads the file.
     *
     * @throws MalformedFile if it is no buddyinfo, or cut
     */
    public static BuddyInfo read(TextFile file) {
        file.whole("'" + FORM + "'");
        Map<ZoneKey, List<Long>> blocks = new LinkedHashMap<>();
        int orders = 0;
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i);
            if (line.isBlank()) {
                continue;
            }
            Matcher match = LINE.matcher(line);
            if (!match.matches()) {
                throw file.unlike(i, FORM);
            }
            List<Long> counts = counts(file, i, match.group(3));
            if (orders != 0 && counts.size() != orders) {
                throw file.wrong(
                        i, counts.size() + " columns after lines of " + orders, "every zone has the same orders");
            }
            orders = counts.size();
            ZoneKey key = new ZoneKey(file.integer(i, match.group(1)), match.group(2));
            if (blocks.put(key, counts) != null) {
                throw file.wrong(i, "zone " + key + " comes twice", "each zone has one line");
            }
        }
        if (blocks.isEmpty()) {
            throw file.wrong("there is no zone in it", "a line looks like '" + FORM + "'");
        }
        return new BuddyInfo(blocks);
    }

    /** The numbers of a row, one for each order. */
    static List<Long> counts(TextFile file, int line, String columns) {
        List<Long> counts = Arrays.stream(columns.trim().split("\\s+"))
                .map(text -> (long) file.integer(line, text))
                .toList();
        if (counts.size() > MOST_ORDERS) {
            throw file.wrong(line, counts.size() + " columns", "no kernel has more than " + MOST_ORDERS + " orders");
        }
        return counts;
    }

    /** Number of orders. */
    public int orders() {
        return blocks.values().iterator().next().size();
    }
}

package org.kmemscope.capture.file;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code /proc/pagetypeinfo}: two lines about pageblocks, a table of free blocks, a table of pageblocks. With {@code page_owner} a
 * third table follows, which is passed over.
 */
public final class PageTypeInfoReader {
    private static final String ROW_FORM = "Node    0, zone   Normal, type      Movable      1      0      1";
    private static final String COUNT_FORM = "Node 0, zone   Normal            1            1          217";
    private static final Pattern ORDER = Pattern.compile("Page block order:\\s*(\\d+)");
    private static final Pattern PAGES = Pattern.compile("Pages per block:\\s*(\\d+)");
    private static final Pattern ROW =
            Pattern.compile("Node\\s+(\\d+), zone\\s+(\\S+), type\\s+(\\S+)((?:\\s+>?\\d+)+)\\s*");
    private static final Pattern COUNTS = Pattern.compile("Node\\s+(\\d+), zone\\s+(\\S+)((?:\\s+\\d+)+)\\s*");
    private static final String BLOCK_HEADER = "Number of blocks type";
    private static final String MIXED_HEADER = "Number of mixed blocks";
    /** What 2.6.24 prints for the type it has no name for. */
    private static final String NAMELESS = "<NULL>";

    private static final String ISOLATE = "Isolate";
    private static final int MOST_ORDER = 31;

    private final TextFile file;
    private final Map<ZoneKey, Map<String, List<Long>>> free = new LinkedHashMap<>();
    private final Map<ZoneKey, Map<String, Long>> blocks = new LinkedHashMap<>();
    private List<String> types = List.of();
    private int order = -1;
    private int columns;
    private boolean capped;

    private PageTypeInfoReader(TextFile file) {
        this.file = file;
    }

    /**
     * Reads the file.
     *
     * @throws MalformedFile if it is no pagetypeinfo, or cut
     */
    public static PageTypeInfo read(TextFile file) {
        return new PageTypeInfoReader(file.whole("'" + COUNT_FORM + "'")).read();
    }

    private PageTypeInfo read() {
        List<String> lines = file.lines();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).stripTrailing();
            if (line.startsWith(MIXED_HEADER)) {
                break;
            }
            line(i, line);
        }
        if (order < 0) {
            throw file.wrong("there is no 'Page block order' in it", "it is the first line of the file");
        }
        if (free.isEmpty() || !blocks.keySet().equals(free.keySet())) {
            throw file.wrong(
                    "the table of pageblocks does not name the zones of the table before it",
                    "copy the whole file, down to '" + COUNT_FORM + "'");
        }
        free.forEach((zone, byType) -> {
            if (!List.copyOf(byType.keySet()).equals(types)) {
                throw file.wrong(
                        "zone " + zone + " has the types " + byType.keySet() + ", the table of pageblocks " + types,
                        "both name the same");
            }
        });
        return new PageTypeInfo(order, types, free, blocks, capped);
    }

    private void line(int i, String line) {
        Matcher block = ORDER.matcher(line);
        Matcher row = ROW.matcher(line);
        Matcher counts = COUNTS.matcher(line);
        if (block.matches()) {
            order = file.integer(i, block.group(1));
            if (order > MOST_ORDER) {
                throw file.wrong(i, "pageblocks of order " + order, "no kernel has such large ones");
            }
        } else if (row.matches()) {
            row(i, row);
        } else if (line.startsWith(BLOCK_HEADER)) {
            types = new ArrayList<>();
            for (String name : line.substring(BLOCK_HEADER.length()).trim().split("\\s+")) {
                types.add(label(name));
            }
        } else if (counts.matches()) {
            counts(i, counts);
        } else if (!line.isBlank() && !PAGES.matcher(line).matches() && !line.startsWith("Free pages count")) {
            throw file.unlike(i, blocks.isEmpty() && types.isEmpty() ? ROW_FORM : COUNT_FORM);
        }
    }

    private void row(int i, Matcher row) {
        ZoneKey zone = new ZoneKey(file.integer(i, row.group(1)), row.group(2));
        capped |= row.group(4).contains(">");
        List<Long> numbers = BuddyInfo.counts(file, i, row.group(4).replace(">", ""));
        if (columns != 0 && columns != numbers.size()) {
            throw file.wrong(
                    i, numbers.size() + " columns after lines of " + columns, "every list has the same orders");
        }
        columns = numbers.size();
        free.computeIfAbsent(zone, some -> new LinkedHashMap<>()).put(label(row.group(3)), numbers);
    }

    private void counts(int i, Matcher counts) {
        ZoneKey zone = new ZoneKey(file.integer(i, counts.group(1)), counts.group(2));
        String[] numbers = counts.group(3).trim().split("\\s+");
        if (numbers.length != types.size()) {
            throw file.wrong(
                    i, numbers.length + " numbers for " + types.size() + " types", "each type has a column of its own");
        }
        Map<String, Long> byType = new LinkedHashMap<>();
        for (int type = 0; type < numbers.length; type++) {
            byType.put(types.get(type), (long) file.integer(i, numbers[type]));
        }
        blocks.put(zone, byType);
    }

    private static String label(String printed) {
        return printed.equals(NAMELESS) ? ISOLATE : printed;
    }
}

package org.kmemscope.fidelity.file;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The facts of a file in the form of {@code /proc/zoneinfo}, each with its line. Counters of events and states are passed over.
 *
 * <pre>
 *   Node 0, zone      DMA
 *           min      17                                zone DMA, min
 *           protection: (0, 873, 1000, 1000)           zone DMA, protection
 *       cpu: 0 pcp: 0
 *                 high:  0                             zone DMA, cpu 0 pcp 0 high
 *     start_pfn:         0                             zone DMA, start_pfn
 * </pre>
 */
public final class ZoneLines {
    private static final Pattern HEADER = Pattern.compile("Node 0, zone\\s+(\\w+)");
    private static final Pattern SIZE =
            Pattern.compile("(min|low|high|boost|spanned|present|managed|cma)\\s+(\\d+)(?:\\s.*)?");
    private static final Pattern CPU = Pattern.compile("cpu: (\\d+)(?: pcp: (\\d+))?");
    private static final Pattern LIST = Pattern.compile("(high|batch):\\s+(\\d+)");
    private static final Pattern FIELD = Pattern.compile("(protection|start_pfn|vm stats threshold):\\s+(.*)");

    private ZoneLines() {}

    /**
     * A fact.
     *
     * @param zone name of the zone
     * @param key what is told
     * @param value as it is printed
     * @param line line of the file, from 1
     */
    public record Entry(String zone, String key, String value, int line) {}

    /** All facts of the first node. */
    public static List<Entry> read(List<String> lines) {
        List<Entry> entries = new ArrayList<>();
        String zone = "";
        String cpu = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            Matcher header = HEADER.matcher(line);
            Matcher set = CPU.matcher(line);
            Matcher list = LIST.matcher(line);
            if (line.startsWith("Node ")) {
                zone = header.matches() ? header.group(1) : "";
            } else if (set.matches()) {
                cpu = "cpu " + set.group(1) + (set.group(2) == null ? "" : " pcp " + set.group(2));
            } else if (list.matches()) {
                add(entries, zone, cpu + " " + list.group(1), list.group(2), i);
            } else {
                Matcher size = SIZE.matcher(line);
                Matcher field = FIELD.matcher(line);
                if (size.matches()) {
                    add(entries, zone, size.group(1), size.group(2), i);
                } else if (field.matches()) {
                    add(entries, zone, field.group(1), field.group(2), i);
                }
            }
        }
        return entries;
    }

    private static void add(List<Entry> entries, String zone, String key, String value, int index) {
        if (!zone.isEmpty()) {
            entries.add(new Entry(zone, key, value, index + 1));
        }
    }
}

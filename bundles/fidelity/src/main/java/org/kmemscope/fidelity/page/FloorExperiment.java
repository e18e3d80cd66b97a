package org.kmemscope.fidelity.page;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.Text;

/**
 * Blocks of an order were taken until there were none.
 *
 * @param flags the mask in words
 * @param gfp the mask
 * @param order order of the blocks
 * @param allocs how many there were
 * @param zones what the module printed of each zone: {@code allocs}, {@code first_at}, {@code free_left}, ...
 * @param switches where another zone served than before: {@code @0:Normal,@197695:DMA}
 * @param before free blocks before
 * @param failed free blocks when the request failed, with per-CPU lists as they were
 * @param freed free blocks when everything was given back and per-CPU lists were emptied
 * @param line line of the file
 */
record FloorExperiment(
        String flags,
        int gfp,
        int order,
        long allocs,
        Map<String, Map<String, Long>> zones,
        String switches,
        FreeBlocks before,
        FreeBlocks failed,
        FreeBlocks freed,
        int line) {
    /** How its line begins. */
    static final String LINE = "EXP floor ";

    private static final Pattern ZONE = Pattern.compile(" (\\w+)\\(([^)]*)\\)");
    private static final Pattern FIELD = Pattern.compile("(\\w+)=(-?\\d+)");
    private static final Pattern SWITCHES = Pattern.compile(" zone_switches=(\\S*)");

    /** Reads the line and those around it. */
    static FloorExperiment of(List<String> lines, int i) {
        String text = lines.get(i);
        Experiment head = Experiment.of(text.substring(0, text.indexOf('(')), i + 1);
        Map<String, Map<String, Long>> zones = new LinkedHashMap<>();
        Matcher zone = ZONE.matcher(text);
        while (zone.find()) {
            Map<String, Long> fields = new LinkedHashMap<>();
            Matcher field = FIELD.matcher(zone.group(2));
            while (field.find()) {
                fields.put(field.group(1), Long.parseLong(field.group(2)));
            }
            zones.put(zone.group(1), fields);
        }
        Matcher switches = SWITCHES.matcher(text);
        return new FloorExperiment(
                head.get("flags"),
                (int) Text.number(head.get("gfp")),
                head.integer("order"),
                head.number("allocs"),
                zones,
                switches.find() ? switches.group(1) : "",
                FreeBlocks.of(lines.get(i - 2), i - 1),
                FreeBlocks.of(lines.get(i - 1), i),
                FreeBlocks.of(lines.get(i + 1), i + 2),
                i + 1);
    }

    /** A number of each zone. */
    Map<String, Long> numbers(String field) {
        Map<String, Long> numbers = new LinkedHashMap<>();
        zones.forEach((zone, fields) -> numbers.put(zone, fields.getOrDefault(field, 0L)));
        return numbers;
    }

    /**
     * Whether small blocks are others afterwards than before: taking and giving back all of a zone leaves them as they were, up to the
     * order where merging depends on pageblocks.
     */
    boolean isMixed(String zone, int pageblockOrder) {
        List<Integer> had = before.zones().get(zone).blocks();
        List<Integer> has = freed.zones().get(zone).blocks();
        int orders = Math.min(pageblockOrder, had.size());
        return !had.subList(0, orders).equals(has.subList(0, orders));
    }

    /** Pages that others took from a zone between the start and the failure; negative if they gave some back. */
    long takenByOthers(String zone) {
        long own = zones.getOrDefault(zone, Map.of()).getOrDefault("allocs", 0L) << order;
        return before.zones().get(zone).pagesWithLists()
                - own
                - failed.zones().get(zone).pagesWithLists();
    }
}

package org.kmemscope.dma;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.ZoneState;

/** A vector of coherent DMA: the state of the page allocator before and after, and the operations. */
final class DmaVector {
    private static final int ZONES = 4;
    private static final int ORDERED_LISTS = 12;

    final Map<String, PageState> states = new LinkedHashMap<>();
    final List<String> operations = new ArrayList<>();

    static DmaVector read(String name) {
        DmaVector vector = new DmaVector();
        try (InputStream in = DmaVector.class.getResourceAsStream("/vectors/" + name + ".txt.gz");
                InputStreamReader text = new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8)) {
            vector.parse(new java.io.BufferedReader(text).lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return vector;
    }

    private void parse(List<String> lines) {
        List<String> state = null;
        String tag = "";
        for (String line : lines) {
            if (line.startsWith("STATE ")) {
                state = new ArrayList<>();
                tag = line.substring("STATE ".length()).trim();
            } else if (line.startsWith("STATE-END")) {
                states.put(tag, pageState(state));
                state = null;
            } else if (state != null) {
                state.add(line);
            } else if (line.matches("[AF] \\d+ .*")) {
                operations.add(line);
            }
        }
    }

    static Map<String, String> fields(String line) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String word : line.split(" ")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                fields.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return fields;
    }

    static long hex(Map<String, String> fields, String name) {
        return Long.parseLong(fields.get(name), 16);
    }

    /** {@code 2da2+1*61,29d8}: runs that ascend or descend, and single frames. */
    private static int[] pfns(String text) {
        List<Integer> pfns = new ArrayList<>();
        for (String part : text.isEmpty() ? new String[0] : text.split(",")) {
            String[] pieces = part.split("(?=[+-])|\\*");
            int first = Integer.parseInt(pieces[0], 16);
            int step = pieces.length > 1 ? Integer.parseInt(pieces[1], 16) : 0;
            int count = pieces.length > 1 ? Integer.parseInt(pieces[2]) : 1;
            for (int i = 0; i < count; i++) {
                pfns.add(first + i * step);
            }
        }
        return pfns.stream().mapToInt(Integer::intValue).toArray();
    }

    private static PageState pageState(List<String> lines) {
        Map<Integer, List<String>> byZone = new LinkedHashMap<>();
        int current = 0;
        for (String line : lines) {
            if (line.startsWith("ZONE ")) {
                current = Integer.parseInt(fields(line).get("idx"));
            }
            byZone.computeIfAbsent(current, zone -> new ArrayList<>()).add(line);
        }
        List<ZoneState> zones = new ArrayList<>();
        for (int zone = 0; zone < ZONES; zone++) {
            zones.add(zone(zone, byZone.getOrDefault(zone, List.of())));
        }
        return new PageState(zones);
    }

    private static ZoneState zone(int index, List<String> lines) {
        Map<String, String> zone = new LinkedHashMap<>();
        Map<String, String> pcp = Map.of();
        List<PageState.FreeList> free = new ArrayList<>();
        List<PageState.PcpList> lists = new ArrayList<>();
        int[] types = new int[0];
        for (String line : lines) {
            Map<String, String> fields = fields(line);
            switch (line.substring(0, line.indexOf(' '))) {
                case "ZONE" -> zone = fields;
                case "PCP" -> pcp = fields;
                case "FREE" ->
                    free.add(new PageState.FreeList(
                            number(fields, "order"), number(fields, "mt"), pfns(fields.get("pfns"))));
                case "PCPL" -> lists.add(pcpList(number(fields, "list"), pfns(fields.get("pfns"))));
                case "PB" -> types = blockTypes(fields.get("types"));
                default -> {
                    // LRU pages and pages of foreign type on the lists do not matter to these requests
                }
            }
        }
        PageState.PerCpu perCpu = new PageState.PerCpu(
                number(pcp, "count"), number(pcp, "high"), number(pcp, "batch"), number(pcp, "free_factor"), lists);
        return new ZoneState(
                index,
                zone.isEmpty() ? 0 : (int) hex(zone, "start_pfn"),
                number(zone, "spanned"),
                number(zone, "present"),
                number(zone, "managed"),
                new long[] {number(zone, "min"), number(zone, "low"), number(zone, "high")},
                number(zone, "boost"),
                false,
                false,
                number(zone, "highatomic"),
                number(zone, "nr_free"),
                new int[] {number(zone, "nr_free_diff")},
                number(zone, "threshold"),
                number(zone, "cma"),
                number(zone, "cma_free"),
                new int[] {number(zone, "cma_free_diff")},
                reserve(zone),
                zone.isEmpty() ? List.of() : List.of(perCpu),
                free,
                types,
                new int[0]);
    }

    private static PageState.PcpList pcpList(int index, int[] pfns) {
        int[] types = new int[pfns.length];
        Arrays.fill(types, index < ORDERED_LISTS ? index % 3 : index - ORDERED_LISTS);
        return new PageState.PcpList(index, pfns, types);
    }

    private static int[] blockTypes(String runs) {
        List<Integer> types = new ArrayList<>();
        for (String run : runs.split(",")) {
            String[] parts = run.split("\\*");
            for (int i = 0; i < Integer.parseInt(parts[1]); i++) {
                types.add(Integer.parseInt(parts[0]));
            }
        }
        return types.stream().mapToInt(Integer::intValue).toArray();
    }

    private static long[] reserve(Map<String, String> zone) {
        return zone.isEmpty()
                ? new long[ZONES]
                : Arrays.stream(zone.get("reserve").split(","))
                        .mapToLong(Long::parseLong)
                        .toArray();
    }

    private static int number(Map<String, String> fields, String name) {
        return Integer.parseInt(fields.getOrDefault(name, "0"));
    }
}

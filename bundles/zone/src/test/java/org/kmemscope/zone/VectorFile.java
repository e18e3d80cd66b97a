package org.kmemscope.zone;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.kmemscope.api.page.PageState;

/** A page vector: start state, operations, later states. The format is told in the README of the vectors. */
final class VectorFile {
    final Map<String, String> constants = new HashMap<>();
    final Map<String, PageState> states = new LinkedHashMap<>();
    final List<String> operations = new ArrayList<>();
    boolean shuffled;
    int prng;

    static VectorFile read(Path path) throws IOException {
        VectorFile file = new VectorFile();
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(path)), StandardCharsets.UTF_8))) {
            file.parse(in.lines().toList());
        }
        return file;
    }

    private void parse(List<String> lines) {
        List<String> state = null;
        String tag = "";
        for (String line : lines) {
            if (line.startsWith("STATE ")) {
                state = new ArrayList<>();
                tag = line.substring(6).trim();
            } else if (line.startsWith("STATE-END")) {
                states.put(tag, state(state));
                state = null;
            } else if (state != null) {
                state.add(line);
            } else if (line.startsWith("CONST")) {
                constants.putAll(fields(line));
            } else if (line.startsWith("PRNG")) {
                prng = Integer.parseUnsignedInt(line.replaceAll(".*state0=", ""), 16);
            } else if (line.startsWith("SHUF")) {
                shuffled = true;
            } else if (line.matches("(A|F|AR|FR|Z) .*")) {
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

    static int[] pfns(String text) {
        int[] pfns = new int[16];
        int count = 0;
        for (String part : text.isEmpty() ? new String[0] : text.split(",")) {
            int star = part.indexOf('*');
            int sign = Math.max(part.indexOf('+'), part.indexOf('-'));
            int first = Integer.parseInt(sign < 0 ? part : part.substring(0, sign), 16);
            int step = sign < 0 ? 0 : Integer.parseInt(part.substring(sign + 1, star), 16);
            step = part.indexOf('-') > 0 ? -step : step;
            int n = sign < 0 ? 1 : Integer.parseInt(part.substring(star + 1));
            if (count + n > pfns.length) {
                pfns = Arrays.copyOf(pfns, Math.max(pfns.length * 2, count + n));
            }
            for (int i = 0; i < n; i++) {
                pfns[count++] = first + i * step;
            }
        }
        return Arrays.copyOf(pfns, count);
    }

    private PageState state(List<String> lines) {
        Map<Integer, List<String>> byZone = new LinkedHashMap<>();
        int current = -1;
        for (String line : lines) {
            if (line.startsWith("ZONE ")) {
                current = Integer.parseInt(fields(line).get("idx"));
            }
            byZone.computeIfAbsent(current, k -> new ArrayList<>()).add(line);
        }
        int zones = Integer.parseInt(constants.get("nr_zones"));
        List<PageState.ZoneState> all = new ArrayList<>();
        for (int zone = 0; zone < zones; zone++) {
            all.add(byZone.containsKey(zone) ? zone(byZone.get(zone)) : empty(zone));
        }
        return new PageState(all);
    }

    private static PageState.ZoneState empty(int zone) {
        return new PageState.ZoneState(
                zone,
                0,
                0,
                0,
                0,
                new long[3],
                0,
                false,
                false,
                0,
                0,
                new int[1],
                0,
                0,
                0,
                new int[1],
                new long[4],
                List.of(),
                List.of(),
                new int[0],
                new int[0]);
    }

    private PageState.ZoneState zone(List<String> lines) {
        Map<String, String> z = fields(lines.get(0));
        List<PageState.FreeList> free = new ArrayList<>();
        Map<Integer, int[]> lists = new LinkedHashMap<>();
        Map<Integer, Integer> otherTypes = new HashMap<>();
        int[] types = new int[0];
        int[] movable = new int[0];
        Map<String, String> pcp = Map.of("count", "0", "high", "0", "batch", "1", "free_factor", "0");
        int huge = Integer.parseInt(constants.get("pcp_lists")) - 2;
        int movableType = 1;
        for (String line : lines) {
            Map<String, String> f = fields(line);
            if (line.startsWith("FREE ")) {
                free.add(new PageState.FreeList(
                        Integer.parseInt(f.get("order")), Integer.parseInt(f.get("mt")), pfns(f.get("pfns"))));
            } else if (line.startsWith("PCP ")) {
                pcp = f;
            } else if (line.startsWith("PCPL ")) {
                lists.put(Integer.parseInt(f.get("list")), pfns(f.get("pfns")));
            } else if (line.startsWith("PCPX ")) {
                otherTypes.put(Integer.parseInt(f.get("pfn"), 16), Integer.parseInt(f.get("mt")));
            } else if (line.startsWith("PB ")) {
                List<Integer> all = new ArrayList<>();
                for (String run : f.get("types").split(",")) {
                    String[] parts = run.split("\\*");
                    for (int i = 0; i < Integer.parseInt(parts[1]); i++) {
                        all.add(Integer.parseInt(parts[0]));
                    }
                }
                types = all.stream().mapToInt(Integer::intValue).toArray();
            } else if (line.startsWith("LRU ")) {
                movable = lru(f.get("blocks"));
            }
        }
        movable = placeMovable(movable, free, lists, huge);
        List<PageState.PcpList> pcpLists = new ArrayList<>();
        int blockOrder = Integer.parseInt(constants.get("pageblock_order"));
        int firstBlock = Integer.parseInt(z.get("start_pfn"), 16) >>> blockOrder;
        int[] blockTypes = types;
        lists.forEach((index, pfns) -> {
            int[] t = new int[pfns.length];
            for (int i = 0; i < t.length; i++) {
                int listType = index < 12 ? index % 3 : index == huge + 1 ? movableType : 0;
                t[i] = otherTypes.getOrDefault(
                        pfns[i],
                        index >= 12 && listType == 0 ? blockTypes[(pfns[i] >>> blockOrder) - firstBlock] : listType);
            }
            pcpLists.add(new PageState.PcpList(index, pfns, t));
        });
        int flags = Integer.parseInt(z.get("flags"), 16);
        String[] reserve = z.get("reserve").split(",");
        return new PageState.ZoneState(
                Integer.parseInt(z.get("idx")),
                Integer.parseInt(z.get("start_pfn"), 16),
                num(z, "spanned"),
                num(z, "present"),
                num(z, "managed"),
                new long[] {num(z, "min"), num(z, "low"), num(z, "high")},
                num(z, "boost"),
                (flags & 1) != 0,
                (flags & 2) != 0,
                num(z, "highatomic"),
                num(z, "nr_free"),
                new int[] {(int) num(z, "nr_free_diff")},
                (int) num(z, "threshold"),
                z.containsKey("cma") ? num(z, "cma") : 0,
                z.containsKey("cma_free") ? num(z, "cma_free") : 0,
                new int[] {z.containsKey("cma_free_diff") ? (int) num(z, "cma_free_diff") : 0},
                Arrays.stream(reserve).mapToLong(Long::parseLong).toArray(),
                List.of(new PageState.PerCpu(
                        (int) num(pcp, "count"),
                        (int) num(pcp, "high"),
                        (int) num(pcp, "batch"),
                        (int) num(pcp, "free_factor"),
                        pcpLists)),
                free,
                types,
                movable);
    }

    private static long num(Map<String, String> fields, String name) {
        return Long.parseLong(fields.get(name));
    }

    /** Pairs of block and count. */
    private static int[] lru(String text) {
        List<Integer> pairs = new ArrayList<>();
        for (String block : text.isEmpty() ? new String[0] : text.split(",")) {
            String[] parts = block.split(":");
            pairs.add(Integer.parseInt(parts[0], 16));
            pairs.add(Integer.parseInt(parts[1]));
        }
        return pairs.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Only the number of movable frames in a block is known: any frames in use will do. */
    private int[] placeMovable(int[] pairs, List<PageState.FreeList> free, Map<Integer, int[]> lists, int huge) {
        java.util.BitSet unused = new java.util.BitSet();
        for (PageState.FreeList list : free) {
            for (int pfn : list.pfns()) {
                unused.set(pfn, pfn + (1 << list.order()));
            }
        }
        lists.forEach((index, pfns) -> {
            int order = index < 12 ? index / 3 : Integer.parseInt(constants.get("pageblock_order"));
            for (int pfn : pfns) {
                unused.set(pfn, pfn + (1 << order));
            }
        });
        List<Integer> movable = new ArrayList<>();
        for (int i = 0; i < pairs.length; i += 2) {
            int pfn = pairs[i];
            for (int n = 0; n < pairs[i + 1]; pfn++) {
                if (!unused.get(pfn)) {
                    movable.add(pfn);
                    n++;
                }
            }
        }
        return movable.stream().mapToInt(Integer::intValue).toArray();
    }
}

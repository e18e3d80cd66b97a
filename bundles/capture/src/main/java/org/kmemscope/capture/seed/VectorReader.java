package org.kmemscope.capture.seed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.FreeList;
import org.kmemscope.api.page.PageState.PcpList;
import org.kmemscope.api.page.PageState.PerCpu;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.capture.file.TextFile;

/**
 * Reads a state of a vector, usually that at its start: every counter, list and pageblock, as a module printed them with interrupts off.
 *
 * <pre>
 *   CONST page_shift=12 max_order=11 pageblock_order=9 pcp_lists=14 ... nr_zones=4 cpus=1
 *   STATE start
 *   ZONE idx=1 name=Normal start_pfn=1000 spanned=221182 ...     pfns and sizes of pageblocks are hex
 *   PCP zone=1 count=845 high=13302 batch=63 free_factor=0
 *   PCPL zone=1 list=0 order=0 mt=0 n=26 pfns=41d69+1*26         A+S*N is N pfns from A in steps of S
 *   PCPX zone=1 pfn=7f001 mt=4                                   a page whose own type is not its list's
 *   FREE zone=1 order=3 mt=1 n=2 pfns=1f28,363e0
 *   PB zone=1 first=1000 size=200 types=1*3,0*1                  types of pageblocks, with how many follow each other
 *   LRU zone=1 blocks=1000:7                                     how many pages of a pageblock can be moved
 *   STATE-END start
 * </pre>
 */
final class VectorReader {
    private static final String START = "start";
    private static final String FORM = "FREE zone=1 order=3 mt=1 n=2 pfns=1f28,363e0";
    private static final Pattern FIELD = Pattern.compile("(\\w+)=(\\S*)");
    private static final Pattern RUN = Pattern.compile("([0-9a-f]{1,8})(?:([+-])([0-9a-f]{1,8})\\*(\\d{1,8}))?");
    /** 64 GiB, as much as PAE reaches. */
    private static final int MOST_FRAMES = 1 << 24;

    private static final int LOW_ORDER_LISTS = 12;
    private static final int PCP_TYPES = 3;
    private static final int MOVABLE = 1;

    private final TextFile file;
    private final Map<String, String> constants = new HashMap<>();
    private final Map<Integer, List<Integer>> linesOf = new LinkedHashMap<>();

    private VectorReader(TextFile file) {
        this.file = file;
    }

    /** The state at the start. */
    static PageState read(TextFile file) {
        return read(file, START)
                .orElseThrow(() ->
                        file.wrong("no state between 'STATE start' and 'STATE-END start'", "copy the whole vector"));
    }

    /** The state with a tag, if the file has one. */
    static Optional<PageState> read(TextFile file, String tag) {
        VectorReader reader = new VectorReader(file);
        return reader.collect(tag) ? Optional.of(reader.state()) : Optional.empty();
    }

    /** Number of orders. */
    static int maxOrder(TextFile file) {
        VectorReader reader = new VectorReader(file);
        reader.collect(START);
        return file.integer(0, reader.constants.getOrDefault("max_order", ""));
    }

    /** Collects the lines of a state by zone; whether there is one. */
    private boolean collect(String tag) {
        String start = "STATE " + tag;
        String end = "STATE-END " + tag;
        boolean inside = false;
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i);
            if (line.startsWith("CONST ")) {
                constants.putAll(fields(line));
            } else if (line.equals(start)) {
                inside = true;
            } else if (line.equals(end)) {
                return true;
            } else if (inside) {
                String zone = fields(line).getOrDefault(line.startsWith("ZONE ") ? "idx" : "zone", "");
                linesOf.computeIfAbsent(file.integer(i, zone), some -> new ArrayList<>())
                        .add(i);
            }
        }
        if (inside) {
            throw file.wrong("'" + start + "' has no '" + end + "'", "copy the whole vector");
        }
        return false;
    }

    private static Map<String, String> fields(String line) {
        Map<String, String> fields = new LinkedHashMap<>();
        Matcher field = FIELD.matcher(line);
        while (field.find()) {
            fields.put(field.group(1), field.group(2));
        }
        return fields;
    }

    private PageState state() {
        int zones = zoneCount();
        List<ZoneState> states = new ArrayList<>();
        for (int zone = 0; zone < zones; zone++) {
            List<Integer> lines = linesOf.getOrDefault(zone, List.of());
            states.add(lines.isEmpty() ? empty(zone, zones) : new ZoneLines(lines).state());
        }
        return new PageState(states);
    }

    /** As told, or as many as a zone keeps reserves for: only page vectors tell. */
    private int zoneCount() {
        if (constants.containsKey("nr_zones")) {
            return file.integer(0, constants.get("nr_zones"));
        }
        return linesOf.values().stream()
                .map(lines -> fields(file.lines().get(lines.get(0))).getOrDefault("reserve", ""))
                .mapToInt(reserve -> reserve.split(",").length)
                .max()
                .orElse(0);
    }

    private static ZoneState empty(int zone, int zones) {
        return new ZoneState(
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
                new long[zones],
                List.of(),
                List.of(),
                new int[0],
                new int[0]);
    }

    private int[] pfns(int line, String text) {
        List<Integer> pfns = new ArrayList<>();
        for (String part : text.isEmpty() ? new String[0] : text.split(",")) {
            Matcher run = RUN.matcher(part);
            if (!run.matches()) {
                throw file.unlike(line, FORM);
            }
            long first = file.hex(line, run.group(1));
            long step = run.group(2) == null
                    ? 0
                    : file.hex(line, run.group(3)) * (run.group(2).equals("-") ? -1 : 1);
            int count = run.group(2) == null ? 1 : file.integer(line, run.group(4));
            long last = first + (count - 1L) * step;
            if (count < 1 || Math.min(first, last) < 0 || Math.max(first, last) >= MOST_FRAMES) {
                throw file.wrong(
                        line, "'" + part + "' are no frames of a machine of 32 bits", "a run looks like '1f28+1*26'");
            }
            for (int i = 0; i < count; i++) {
                pfns.add((int) (first + i * step));
            }
        }
        return pfns.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The lines about one zone. */
    private final class ZoneLines {
        private final List<Integer> lines;
        private final List<FreeList> free = new ArrayList<>();
        private final Map<Integer, int[]> pcp = new LinkedHashMap<>();
        private final Map<Integer, Integer> ownTypes = new HashMap<>();
        private final BitSet unused = new BitSet();
        private Map<String, String> zone = Map.of();
        private int zoneLine;
        private Map<String, String> counts = Map.of();
        private int[] blockTypes = new int[0];
        private long blockSize = 1;
        private String movable = "";
        private int at;

        ZoneLines(List<Integer> lines) {
            this.lines = lines;
        }

        ZoneState state() {
            for (int line : lines) {
                at = line;
                line(file.lines().get(line));
            }
            at = zoneLine;
            int flags = (int) file.hex(at, text(zone, "flags"));
            long[] reserve = Arrays.stream(text(zone, "reserve").split(","))
                    .mapToLong(number -> file.decimal(at, number))
                    .toArray();
            return new ZoneState(
                    (int) number(zone, "idx"),
                    startPfn(),
                    number(zone, "spanned"),
                    number(zone, "present"),
                    number(zone, "managed"),
                    new long[] {number(zone, "min"), number(zone, "low"), number(zone, "high")},
                    number(zone, "boost"),
                    (flags & 1) != 0,
                    (flags & 2) != 0,
                    number(zone, "highatomic"),
                    number(zone, "nr_free"),
                    new int[] {difference("nr_free_diff")},
                    (int) number(zone, "threshold"),
                    zone.containsKey("cma") ? number(zone, "cma") : 0,
                    zone.containsKey("cma_free") ? number(zone, "cma_free") : 0,
                    new int[] {zone.containsKey("cma_free_diff") ? difference("cma_free_diff") : 0},
                    reserve,
                    List.of(perCpu()),
                    free,
                    blockTypes,
                    movableFrames());
        }

        private void line(String line) {
            Map<String, String> fields = fields(line);
            switch (line.substring(0, Math.max(0, line.indexOf(' ')))) {
                case "ZONE" -> {
                    zone = fields;
                    zoneLine = at;
                }
                case "FREE" -> {
                    FreeList list = new FreeList(
                            (int) number(fields, "order"), (int) number(fields, "mt"), pfns(at, text(fields, "pfns")));
                    free.add(list);
                    use(list.pfns(), list.order());
                }
                case "PCP" -> counts = fields;
                case "PCPL" -> {
                    int[] pfns = pfns(at, text(fields, "pfns"));
                    pcp.put((int) number(fields, "list"), pfns);
                    use(pfns, (int) number(fields, "order"));
                }
                case "PCPX" -> ownTypes.put((int) file.hex(at, text(fields, "pfn")), (int) number(fields, "mt"));
                case "PB" -> {
                    blockTypes = blockTypes(text(fields, "types"));
                    blockSize = Math.max(1, file.hex(at, text(fields, "size")));
                }
                case "LRU" -> movable = text(fields, "blocks");
                default -> throw file.unlike(at, FORM);
            }
        }

        private void use(int[] pfns, int order) {
            for (int pfn : pfns) {
                unused.set(pfn, pfn + (1 << order));
            }
        }

        private int[] blockTypes(String text) {
            List<Integer> all = new ArrayList<>();
            for (String run : text.split(",")) {
                String[] parts = run.split("\\*");
                int count = parts.length == 2 ? file.integer(at, parts[1]) : 1;
                for (int i = 0; i < count; i++) {
                    all.add(file.integer(at, parts[0]));
                }
            }
            return all.stream().mapToInt(Integer::intValue).toArray();
        }

        private int startPfn() {
            return (int) file.hex(zoneLine, text(zone, "start_pfn"));
        }

        private int blockOrder() {
            return Long.numberOfTrailingZeros(blockSize);
        }

        private PerCpu perCpu() {
            List<PcpList> lists = new ArrayList<>();
            int firstBlock = startPfn() >>> blockOrder();
            pcp.forEach((index, pfns) -> {
                int[] types = new int[pfns.length];
                for (int i = 0; i < pfns.length; i++) {
                    int ofList = index < LOW_ORDER_LISTS
                            ? index % PCP_TYPES
                            : index > LOW_ORDER_LISTS ? MOVABLE : blockType((pfns[i] >>> blockOrder()) - firstBlock);
                    types[i] = ownTypes.getOrDefault(pfns[i], ofList);
                }
                lists.add(new PcpList(index, pfns, types));
            });
            return new PerCpu(
                    (int) number(counts, "count"),
                    (int) number(counts, "high"),
                    (int) number(counts, "batch"),
                    (int) number(counts, "free_factor"),
                    lists);
        }

        private int blockType(int block) {
            if (block < 0 || block >= blockTypes.length) {
                throw file.wrong(zoneLine, "a per-CPU list has a page outside of the zone", "copy the whole vector");
            }
            return blockTypes[block];
        }

        /** Only how many pages of a pageblock can be moved is known: any that are in use stand for them. */
        private int[] movableFrames() {
            List<Integer> frames = new ArrayList<>();
            for (String pair : movable.isEmpty() ? new String[0] : movable.split(",")) {
                String[] parts = pair.split(":");
                if (parts.length != 2) {
                    throw file.wrong(zoneLine, "'" + pair + "' is no pageblock and number", "it looks like '1000:7'");
                }
                int pfn = (int) file.hex(zoneLine, parts[0]);
                int left = file.integer(zoneLine, parts[1]);
                if (left > blockSize || pfn < 0 || pfn >= MOST_FRAMES) {
                    throw file.wrong(zoneLine, "'" + pair + "' is more than a pageblock", "it looks like '1000:7'");
                }
                for (; left > 0 && pfn < MOST_FRAMES; pfn++) {
                    if (!unused.get(pfn)) {
                        frames.add(pfn);
                        left--;
                    }
                }
            }
            return frames.stream().mapToInt(Integer::intValue).toArray();
        }

        private String text(Map<String, String> fields, String name) {
            String text = fields.get(name);
            if (text == null) {
                throw file.wrong(at, "there is no '" + name + "' in the line", "a line looks like '" + FORM + "'");
            }
            return text;
        }

        private long number(Map<String, String> fields, String name) {
            return file.decimal(at, text(fields, name));
        }

        /** A difference has a sign. */
        private int difference(String name) {
            String text = text(zone, name);
            return text.startsWith("-") ? -file.integer(at, text.substring(1)) : file.integer(at, text);
        }
    }
}

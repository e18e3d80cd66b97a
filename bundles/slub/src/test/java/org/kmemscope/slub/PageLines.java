package org.kmemscope.slub;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.FreeList;
import org.kmemscope.api.page.PageState.PcpList;
import org.kmemscope.api.page.PageState.PerCpu;
import org.kmemscope.api.page.PageState.ZoneState;

/** Gathers the lines of a vector about the state of the page allocator of a machine with one CPU. */
final class PageLines {
    private static final int ZONES = 4;
    private static final int ORDERED_LISTS = 12;
    private static final int TYPES = 3;

    private final Map<Integer, Gathered> zones = new TreeMap<>();

    /** What was said of one zone. */
    private static final class Gathered {
        Map<String, String> zone = Map.of();
        Map<String, String> counts = Map.of("count", "0", "high", "0", "batch", "1", "free_factor", "0");
        final List<FreeList> free = new ArrayList<>();
        final Map<Integer, int[]> lists = new TreeMap<>();
        final Map<Integer, Integer> ownTypes = new HashMap<>();
        int[] blockTypes = {};
        int blockSize = 1;

        long number(String name) {
            return Long.parseLong(zone.getOrDefault(name, "0"));
        }
    }

    void add(String kind, Map<String, String> f) {
        String index = f.getOrDefault(kind.equals("ZONE") ? "idx" : "zone", "");
        Gathered to = zones.computeIfAbsent(Integer.parseInt(index), key -> new Gathered());
        switch (kind) {
            case "ZONE" -> to.zone = f;
            case "PCP" -> to.counts = f;
            case "PCPL" -> to.lists.put(Integer.parseInt(f.get("list")), pfns(f.get("pfns")));
            case "PCPX" -> to.ownTypes.put(Integer.parseInt(f.get("pfn"), 16), Integer.parseInt(f.get("mt")));
            case "FREE" ->
                to.free.add(new FreeList(
                        Integer.parseInt(f.get("order")), Integer.parseInt(f.get("mt")), pfns(f.get("pfns"))));
            case "PB" -> {
                to.blockSize = Integer.parseInt(f.get("size"), 16);
                to.blockTypes = Arrays.stream(f.get("types").split(","))
                        .map(run -> run.split("\\*"))
                        .flatMapToInt(run -> IntStream.generate(() -> Integer.parseInt(run[0]))
                                .limit(Integer.parseInt(run[1])))
                        .toArray();
            }
            default -> {
                // what can be moved does not matter here
            }
        }
    }

    /** {@code A+S*N} is N pfns from A in steps of S. */
    private static int[] pfns(String text) {
        return Arrays.stream(text.split(","))
                .filter(part -> !part.isEmpty())
                .flatMapToInt(part -> {
                    String[] run = part.split("[+*-]");
                    int first = Integer.parseInt(run[0], 16);
                    int step = run.length == 1 ? 0 : Integer.parseInt(run[1], 16) * (part.contains("-") ? -1 : 1);
                    int count = run.length == 1 ? 1 : Integer.parseInt(run[2]);
                    return IntStream.range(0, count).map(i -> first + i * step);
                })
                .toArray();
    }

    PageState state() {
        return new PageState(IntStream.range(0, ZONES)
                .mapToObj(zone -> state(zone, zones.getOrDefault(zone, new Gathered())))
                .toList());
    }

    private static ZoneState state(int index, Gathered of) {
        int start = Integer.parseInt(of.zone.getOrDefault("start_pfn", "0"), 16);
        int flags = Integer.parseInt(of.zone.getOrDefault("flags", "0"), 16);
        List<PcpList> lists = new ArrayList<>();
        of.lists.forEach((list, pfns) -> lists.add(new PcpList(list, pfns, types(of, start, list, pfns))));
        return new ZoneState(
                index,
                start,
                of.number("spanned"),
                of.number("present"),
                of.number("managed"),
                new long[] {of.number("min"), of.number("low"), of.number("high")},
                of.number("boost"),
                (flags & 1) != 0,
                (flags & 2) != 0,
                of.number("highatomic"),
                of.number("nr_free"),
                new int[] {(int) of.number("nr_free_diff")},
                (int) of.number("threshold"),
                of.number("cma"),
                of.number("cma_free"),
                new int[] {(int) of.number("cma_free_diff")},
                Arrays.stream(of.zone.getOrDefault("reserve", "0,0,0,0").split(","))
                        .mapToLong(Long::parseLong)
                        .toArray(),
                List.of(new PerCpu(
                        Integer.parseInt(of.counts.get("count")),
                        Integer.parseInt(of.counts.get("high")),
                        Integer.parseInt(of.counts.get("batch")),
                        Integer.parseInt(of.counts.get("free_factor")),
                        lists)),
                of.free,
                of.blockTypes,
                new int[0]);
    }

    /** A page on a per-CPU list has the type of the list, if nothing else is said; the list of huge pages has several. */
    private static int[] types(Gathered of, int start, int list, int[] pfns) {
        int firstBlock = start / of.blockSize;
        return Arrays.stream(pfns)
                .map(pfn -> {
                    int otherwise =
                            list < ORDERED_LISTS ? list % TYPES : of.blockTypes[pfn / of.blockSize - firstBlock];
                    return of.ownTypes.getOrDefault(pfn, otherwise);
                })
                .toArray();
    }

    /** A state in words, so that two can be compared. */
    static String text(PageState state) {
        StringBuilder text = new StringBuilder();
        for (ZoneState zone : state.zones()) {
            PerCpu cpu = zone.perCpu().isEmpty()
                    ? new PerCpu(0, 0, 1, 0, List.of())
                    : zone.perCpu().get(0);
            if (zone.spanned() == 0) {
                continue;
            }
            text.append(String.format(
                    "zone %d: free %d%s boost %d highatomic %d cma %d%s, pcp %d/%d/%d/%d%n",
                    zone.index(),
                    zone.free(),
                    Arrays.toString(zone.freeDiff()),
                    zone.boost(),
                    zone.highatomic(),
                    zone.cmaFree(),
                    Arrays.toString(zone.cmaDiff()),
                    cpu.count(),
                    cpu.high(),
                    cpu.batch(),
                    cpu.freeFactor()));
            cpu.lists()
                    .forEach(list -> text.append(
                            String.format("  pcp %d: %s %s%n", list.index(), hex(list.pfns()), hex(list.types()))));
            zone.freeLists()
                    .forEach(list -> text.append(
                            String.format("  free %d/%d: %s%n", list.order(), list.migratetype(), hex(list.pfns()))));
            text.append("  blocks ").append(hex(zone.blockTypes())).append('\n');
        }
        return text.toString();
    }

    private static String hex(int[] values) {
        StringBuilder text = new StringBuilder();
        Arrays.stream(values)
                .forEach(value -> text.append(Integer.toHexString(value)).append(' '));
        return text.toString();
    }
}

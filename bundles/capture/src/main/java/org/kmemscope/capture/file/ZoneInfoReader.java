package org.kmemscope.capture.file;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.api.view.ZoneView.PageSet;
import org.kmemscope.api.view.ZoneView.PerCpuList;

/**
 * Reads {@code /proc/zoneinfo} of 2.6.24 and later. A zone is a header and parts that follow each other; a part that an era does not
 * have is passed over, and so is a counter nobody here knows:
 *
 * <pre>
 *   Node 0, zone   Normal
 *     per-node stats                      4.8 on, with the first zone of a node
 *         nr_inactive_anon 202
 *     pages free     3840                 sizes
 *           min      190
 *           protection: (0, 836, 980, 980)
 *       nr_free_pages 3840                counters; before 4.14 they stand in front of the protection
 *     pagesets
 *       cpu: 0                            2.6.24: "cpu: 0 pcp: 0" for hot pages, "pcp: 1" for cold ones
 *                 count: 0
 *                 high:  237
 *                 batch: 1
 *     vm stats threshold: 2
 *     start_pfn:           1
 * </pre>
 */
public final class ZoneInfoReader {
    private static final Pattern HEADER = Pattern.compile("Node (\\d+), zone\\s+(\\S+)");
    private static final Pattern FREE = Pattern.compile("pages free\\s+(\\d+)");
    private static final Pattern NUMBER = Pattern.compile("(\\w+)\\s+(\\d+)(?:\\s+\\(.*\\))?");
    private static final Pattern FIELD = Pattern.compile("([\\w ]+):\\s*(\\d+)");
    private static final Pattern PROTECTION = Pattern.compile("protection:\\s*\\((\\d+(?:, ?\\d+)*)\\)");
    private static final Pattern CPU = Pattern.compile("cpu: (\\d+)(?: pcp: (\\d+))?");
    private static final Set<String> SIZES = Set.of(
            "min", "low", "high", "promo", "boost", "scanned", "node_scanned", "spanned", "present", "managed", "cma");
    private static final List<String> REQUIRED = List.of("free", "min", "low", "high", "spanned", "present");
    private static final Set<String> LIST_FIELDS = Set.of("count", "high", "batch");

    private final TextFile file;
    private final List<ZoneInfo.Zone> zones = new ArrayList<>();
    private final Map<String, Long> nodeStatistics = new LinkedHashMap<>();
    private ZoneKey key;
    private boolean inNode;
    private Map<String, Long> sizes;
    private List<Long> protection;
    private Map<String, Long> statistics;
    private Map<Integer, List<Map<String, Long>>> lists;
    private Map<String, Long> list;
    private int threshold;
    private long startPfn;

    private ZoneInfoReader(TextFile file) {
        this.file = file;
    }

    /**
     * Reads the file.
     *
     * @throws MalformedFile if it is no zoneinfo, or cut
     */
    public static ZoneInfo read(TextFile file) {
        return new ZoneInfoReader(file.whole("'start_pfn: 4096' of the last zone")).read();
    }

    private ZoneInfo read() {
        List<String> lines = file.lines();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            Matcher header = HEADER.matcher(line);
            if (header.matches()) {
                finish(i - 1);
                begin(new ZoneKey(file.integer(i, header.group(1)), header.group(2)));
            } else if (!line.isEmpty()) {
                if (key == null) {
                    throw file.unlike(i, "Node 0, zone   Normal");
                }
                line(i, line);
            }
        }
        finish(lines.size() - 1);
        if (zones.isEmpty()) {
            throw file.wrong("there is no zone in it", "a zone begins with 'Node 0, zone   Normal'");
        }
        List<CounterView> counters = nodeStatistics.entrySet().stream()
                .map(entry -> new CounterView(entry.getKey(), entry.getValue()))
                .toList();
        return new ZoneInfo(zones, counters);
    }

    private void begin(ZoneKey zone) {
        key = zone;
        inNode = false;
        sizes = new LinkedHashMap<>();
        protection = List.of();
        statistics = new LinkedHashMap<>();
        lists = new LinkedHashMap<>();
        list = null;
        threshold = 0;
        startPfn = -1;
    }

    private void line(int i, String line) {
        Matcher free = FREE.matcher(line);
        Matcher number = NUMBER.matcher(line);
        Matcher cpu = CPU.matcher(line);
        Matcher field = FIELD.matcher(line);
        Matcher reserve = PROTECTION.matcher(line);
        if (line.equals("per-node stats")) {
            inNode = true;
        } else if (free.matches()) {
            inNode = false;
            sizes.put("free", file.decimal(i, free.group(1)));
        } else if (reserve.matches()) {
            protection = Arrays.stream(reserve.group(1).split(", ?"))
                    .map(text -> file.decimal(i, text))
                    .toList();
        } else if (number.matches()) {
            counter(i, number.group(1), file.decimal(i, number.group(2)));
        } else if (cpu.matches()) {
            list = new LinkedHashMap<>();
            lists.computeIfAbsent(file.integer(i, cpu.group(1)), some -> new ArrayList<>())
                    .add(list);
        } else if (field.matches()) {
            field(i, field.group(1), field.group(2));
        } else if (!line.equals("pagesets")) {
            throw file.unlike(i, "nr_free_pages 3840");
        }
    }

    private void counter(int i, String name, long value) {
        if (inNode) {
            if (key.node() == 0) {
                nodeStatistics.put(name, value);
            }
        } else if (SIZES.contains(name)) {
            sizes.put(name, value);
        } else {
            statistics.put(name, value);
        }
    }

    private void field(int i, String name, String value) {
        if (name.equals("start_pfn")) {
            startPfn = file.integer(i, value);
        } else if (name.equals("vm stats threshold")) {
            threshold = file.integer(i, value);
        } else if (LIST_FIELDS.contains(name)) {
            if (list == null) {
                throw file.wrong(i, "'" + name + "' of no CPU", "'cpu: 0' comes before it");
            }
            list.put(name, file.decimal(i, value));
        }
    }

    private void finish(int last) {
        if (key == null) {
            return;
        }
        for (String name : REQUIRED) {
            if (!sizes.containsKey(name)) {
                throw file.wrong(last, "zone " + key + " ends without '" + name + "'", "copy the whole file");
            }
        }
        if (protection.isEmpty()) {
            throw file.wrong(last, "zone " + key + " ends without 'protection'", "copy the whole file");
        }
        if (sizes.get("present") > 0 && startPfn < 0) {
            throw file.wrong(last, "zone " + key + " ends without 'start_pfn'", "copy the whole file");
        }
        boolean same = zones.isEmpty() || zones.get(0).protection().size() == protection.size();
        if (!same || zones.stream().anyMatch(zone -> zone.key().equals(key))) {
            throw file.wrong(
                    last,
                    "zone " + key + (same ? " comes twice" : " has another number of reserves than the zone before it"),
                    "a zoneinfo is of one moment of one machine");
        }
        zones.add(new ZoneInfo.Zone(
                key, sizes, protection, pageSets(last), threshold, (int) Math.max(0, startPfn), statistics));
    }

    private List<PageSet> pageSets(int last) {
        List<PageSet> sets = new ArrayList<>();
        lists.forEach((cpu, ofCpu) -> {
            List<PerCpuList> perCpu = new ArrayList<>();
            for (Map<String, Long> one : ofCpu) {
                if (!one.keySet().containsAll(LIST_FIELDS)) {
                    throw file.wrong(
                            last,
                            "the lists of cpu " + cpu + " of zone " + key + " are not whole",
                            "they have count, high and batch");
                }
                perCpu.add(new PerCpuList(one.get("count"), one.get("high"), one.get("batch")));
            }
            sets.add(new PageSet(cpu, perCpu));
        });
        return sets;
    }
}

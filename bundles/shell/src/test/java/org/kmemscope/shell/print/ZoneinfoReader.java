package org.kmemscope.shell.print;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.api.view.ZoneView;

/** Takes the numbers out of a zoneinfo file, without regard to its layout. */
final class ZoneinfoReader {
    private static final Pattern ZONE = Pattern.compile("Node 0, zone +(\\w+)");
    private static final Pattern FIELD = Pattern.compile("(pages free|[\\w ]+?):? +(-?\\d+)(?: \\((.*)\\))?");

    final List<CounterView> node = new ArrayList<>();
    final List<ZoneView> zones = new ArrayList<>();

    private final Map<String, Long> values = new LinkedHashMap<>();
    private final Map<String, Long> statistics = new LinkedHashMap<>();
    private final List<long[]> lists = new ArrayList<>();
    private List<Long> protection = List.of();
    private ZoneType type;
    private boolean inNode;
    private boolean inLists;

    ZoneinfoReader(String text) {
        text.lines().forEach(this::read);
        finish();
    }

    private void read(String line) {
        Matcher zone = ZONE.matcher(line);
        String trimmed = line.trim();
        Matcher field = FIELD.matcher(trimmed);
        if (zone.matches()) {
            finish();
            type = ZoneType.valueOf(zone.group(1).toUpperCase(Locale.ROOT));
        } else if (trimmed.equals("per-node stats")) {
            inNode = true;
        } else if (trimmed.equals("pagesets")) {
            inLists = true;
        } else if (trimmed.startsWith("protection:")) {
            protection = Arrays.stream(trimmed.replaceAll("[^\\d,]", "").split(","))
                    .map(Long::valueOf)
                    .toList();
        } else if (trimmed.startsWith("cpu:")) {
            lists.add(new long[] {Long.parseLong(trimmed.replaceAll("cpu: (\\d+).*", "$1")), 0, 0, 0});
        } else if (field.matches()) {
            field(field.group(1), Long.parseLong(field.group(2)), field.group(3));
        } else {
            throw new IllegalArgumentException(line);
        }
    }

    private void field(String name, long value, String scanned) {
        int ofList = List.of("count", "high", "batch").indexOf(name);
        if (inLists && ofList >= 0) {
            lists.get(lists.size() - 1)[1 + ofList] = value;
        } else if (name.equals("pages free")) {
            inNode = false;
            values.put(name, value);
        } else if (inNode) {
            node.add(new CounterView(name, value));
        } else if (name.startsWith("nr_")) {
            statistics.put(name, value);
        } else {
            values.put(name, value);
            if (scanned != null) {
                String[] numbers = scanned.replaceAll("[^\\d ]", "").trim().split(" +");
                String[] names = {"scan_active", "scan_inactive", "scan_active_file", "scan_inactive_file"};
                for (int i = 0; i < numbers.length; i++) {
                    statistics.put(names[i], Long.valueOf(numbers[i]));
                }
            }
        }
    }

    private long value(String name) {
        return values.getOrDefault(name, 0L);
    }

    private void finish() {
        if (type == null) {
            return;
        }
        Map<Integer, List<ZoneView.PerCpuList>> byCpu = new LinkedHashMap<>();
        lists.forEach(list -> byCpu.computeIfAbsent((int) list[0], cpu -> new ArrayList<>())
                .add(new ZoneView.PerCpuList(list[1], list[2], list[3])));
        List<ZoneView.PageSet> sets = new ArrayList<>();
        byCpu.forEach((cpu, ofCpu) -> sets.add(new ZoneView.PageSet(cpu, ofCpu)));
        Map<String, Long> all = new LinkedHashMap<>(statistics);
        all.put("pages_scanned", value("scanned"));
        for (String name : List.of("all_unreclaimable", "prev_priority", "node_unreclaimable")) {
            if (values.containsKey(name)) {
                all.put(name, value(name));
            }
        }
        zones.add(new ZoneView(
                zones.size(),
                type,
                (int) value("start_pfn"),
                value("spanned"),
                value("present"),
                value("managed"),
                value("pages free"),
                value("min"),
                value("low"),
                value("high"),
                value("boost"),
                protection,
                0,
                values.getOrDefault("cma", -1L),
                0,
                (int) value("vm stats threshold"),
                List.of(),
                Map.of(),
                Map.of(),
                0,
                sets,
                all));
        values.clear();
        statistics.clear();
        lists.clear();
        type = null;
        inNode = false;
        inLists = false;
    }
}

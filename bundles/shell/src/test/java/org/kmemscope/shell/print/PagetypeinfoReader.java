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
import org.kmemscope.api.view.ZoneView;

/** Takes the numbers out of buddyinfo and pagetypeinfo files. */
final class PagetypeinfoReader {
    private static final Pattern LIST = Pattern.compile("Node +0, zone +(\\w+), type +([\\w<>]+) ([\\d ]+)");
    private static final Pattern ROW = Pattern.compile("Node 0, zone +(\\w+) ([\\d ]+)");

    final List<String> types = new ArrayList<>();
    final List<ZoneView> zones = new ArrayList<>();

    PagetypeinfoReader(String buddyinfo, String pagetypeinfo) {
        Map<String, Map<String, List<Long>>> lists = new LinkedHashMap<>();
        Map<String, List<Long>> blocks = new LinkedHashMap<>();
        int order = Integer.parseInt(pagetypeinfo.replaceAll("(?s).*Page block order: (\\d+).*", "$1"));
        for (String line : pagetypeinfo.lines().toList()) {
            Matcher list = LIST.matcher(line);
            Matcher row = ROW.matcher(line);
            if (list.matches()) {
                // the views call every type by its name
                String type = list.group(2).equals("<NULL>") ? "Isolate" : list.group(2);
                if (!types.contains(type)) {
                    types.add(type);
                }
                lists.computeIfAbsent(list.group(1), zone -> new LinkedHashMap<>())
                        .put(type, numbers(list.group(3)));
            } else if (row.matches()) {
                blocks.put(row.group(1), numbers(row.group(2)));
            }
        }
        for (String line : buddyinfo.lines().toList()) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                zones.add(zone(row.group(1), numbers(row.group(2)), lists, blocks, order));
            }
        }
    }

    private ZoneView zone(
            String name,
            List<Long> free,
            Map<String, Map<String, List<Long>>> lists,
            Map<String, List<Long>> blocks,
            int order) {
        Map<String, Long> byType = new LinkedHashMap<>();
        for (int i = 0; i < types.size(); i++) {
            byType.put(types.get(i), blocks.get(name).get(i));
        }
        return new ZoneView(
                zones.size(),
                ZoneType.valueOf(name.toUpperCase(Locale.ROOT)),
                0,
                1,
                1,
                1,
                0,
                0,
                0,
                0,
                0,
                List.of(),
                0,
                0,
                0,
                0,
                free,
                lists.get(name),
                byType,
                order,
                List.of(),
                Map.of());
    }

    private static List<Long> numbers(String text) {
        return Arrays.stream(text.trim().split(" +")).map(Long::valueOf).toList();
    }
}

package org.kmemscope.capture.file;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.view.ZoneView.PageSet;
import org.kmemscope.api.view.ZoneView.PerCpuList;

/** {@code oracle-zones.txt}: fields of {@code struct zone}, read in the kernel by a module; all zones, empty ones included. */
public final class OracleZones {
    private static final String FORM = "ZONE idx=0 name=DMA start_pfn=1 spanned=4095 present=3998 managed=3840 min=190";
    private static final Pattern FIELD = Pattern.compile("(\\w+)=(\\S*)");
    private static final Pattern PCP = Pattern.compile("count:(\\d+),high:(\\d+),batch:(\\d+)");
    private static final Pattern PCP_NAME = Pattern.compile("pcp(\\d+)");
    private static final List<String> SIZES =
            List.of("start_pfn", "spanned", "present", "managed", "min", "low", "high", "boost", "highatomic", "free");

    private OracleZones() {}

    /** The zones, by index. */
    public static List<ZoneInfo.Zone> read(TextFile file) {
        file.whole("'" + FORM + "'");
        List<ZoneInfo.Zone> zones = new ArrayList<>();
        for (int i = 0; i < file.lines().size(); i++) {
            if (file.lines().get(i).startsWith("ZONE ")) {
                zones.add(zone(file, i));
            }
        }
        if (zones.isEmpty()) {
            throw file.wrong("there is no zone in it", "a line looks like '" + FORM + "'");
        }
        return List.copyOf(zones);
    }

    private static ZoneInfo.Zone zone(TextFile file, int i) {
        Map<String, String> fields = fields(file.lines().get(i));
        Map<String, Long> sizes = new LinkedHashMap<>();
        for (String name : SIZES) {
            if (!fields.containsKey(name)) {
                throw file.wrong(i, "there is no '" + name + "' in the line", "a line looks like '" + FORM + "'");
            }
            sizes.put(name, file.decimal(i, fields.get(name)));
        }
        if (!fields.containsKey("name") || !fields.containsKey("protection")) {
            throw file.unlike(i, FORM);
        }
        List<PageSet> sets = new ArrayList<>();
        fields.forEach((name, value) -> {
            Matcher cpu = PCP_NAME.matcher(name);
            if (cpu.matches()) {
                Matcher lists = PCP.matcher(value);
                if (!lists.matches()) {
                    throw file.wrong(
                            i, "'" + name + "' is not understood", "it looks like 'pcp0=count:0,high:237,batch:1'");
                }
                PerCpuList list = new PerCpuList(
                        file.decimal(i, lists.group(1)),
                        file.decimal(i, lists.group(2)),
                        file.decimal(i, lists.group(3)));
                sets.add(new PageSet(file.integer(i, cpu.group(1)), List.of(list)));
            }
        });
        List<Long> protection = Arrays.stream(fields.get("protection").split(","))
                .map(text -> file.decimal(i, text))
                .toList();
        return new ZoneInfo.Zone(
                new ZoneKey(0, fields.get("name")),
                sizes,
                protection,
                sets,
                0,
                file.integer(i, fields.get("start_pfn")),
                Map.of("nr_free_pages", sizes.get("free")));
    }

    /** The {@code key=value} words of a line. */
    static Map<String, String> fields(String line) {
        Map<String, String> fields = new LinkedHashMap<>();
        Matcher field = FIELD.matcher(line);
        while (field.find()) {
            fields.put(field.group(1), field.group(2));
        }
        return fields;
    }
}

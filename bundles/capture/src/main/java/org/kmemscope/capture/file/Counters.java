package org.kmemscope.capture.file;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.view.CounterView;

/** Files that are lists of names and numbers: {@code meminfo}, {@code vmstat}, {@code /proc/sys/vm}. */
public final class Counters {
    private static final Pattern MEMINFO = Pattern.compile("([\\w()]+):\\s+(\\d+)(?: kB)?\\s*");
    private static final Pattern VMSTAT = Pattern.compile("(\\w+)\\s+(\\d+)\\s*");
    private static final Pattern TUNABLE = Pattern.compile("(?:vm\\.)?([\\w-]+)\\s*[:=]\\s*(.*)");

    private Counters() {}

    /** {@code /proc/meminfo}. */
    public static List<CounterView> meminfo(TextFile file) {
        return counters(file, MEMINFO, "MemTotal:        1021724 kB");
    }

    /** {@code /proc/vmstat}. */
    public static List<CounterView> vmstat(TextFile file) {
        return counters(file, VMSTAT, "nr_free_pages 251039");
    }

    private static List<CounterView> counters(TextFile file, Pattern pattern, String form) {
        file.whole("'" + form + "'");
        List<CounterView> counters = new ArrayList<>();
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i);
            Matcher match = pattern.matcher(line);
            if (match.matches()) {
                counters.add(new CounterView(match.group(1), file.decimal(i, match.group(2))));
            } else if (!line.isBlank() && !isOldMeminfo(line)) {
                throw file.unlike(i, form);
            }
        }
        if (counters.isEmpty()) {
            throw file.wrong("there is no counter in it", "a line looks like '" + form + "'");
        }
        return List.copyOf(counters);
    }

    /** The table above the list, which kernels of 2.4 print and some vendors kept. */
    private static boolean isOldMeminfo(String line) {
        return line.startsWith("        total:") || line.matches("(Mem|Swap):\\s+\\d+ .*");
    }

    /**
     * Tunables as {@code name: value} or as {@code sysctl -a} prints them ({@code vm.name = value}); those of other areas are passed
     * over.
     */
    public static Map<String, String> tunables(TextFile file) {
        Map<String, String> tunables = new LinkedHashMap<>();
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i);
            Matcher match = TUNABLE.matcher(line);
            if (match.matches()) {
                tunables.put(match.group(1), match.group(2).strip());
            } else if (!line.isBlank() && !line.matches("[\\w.-]+ = .*")) {
                throw file.unlike(i, "min_free_kbytes: 3831");
            }
        }
        return Collections.unmodifiableMap(tunables);
    }
}

package org.kmemscope.capture.file;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.view.SlabCacheView;

/** {@code /proc/slabinfo}, version 2: a line for each cache. Statistics of a debug kernel, behind a further colon, are passed over. */
public final class SlabInfo {
    private static final String FORM =
            "kmalloc-64   10   64   64   64   1 : tunables  120   60    0 : slabdata   1   1   0";
    private static final Pattern LINE = Pattern.compile(
            "(.*?\\S)\\s+(\\d+)\\s+(\\d+)\\s+(\\d+)\\s+(\\d+)\\s+(\\d+) : tunables\\s+(\\d+)\\s+(\\d+)\\s+(\\d+)"
                    + " : slabdata\\s+(\\d+)\\s+(\\d+)\\s+(\\d+)(?: : .*)?\\s*");

    private SlabInfo() {}

    /**
     * Reads the file.
     *
     * @param attributes further attributes of a cache, by its name
     * @throws MalformedFile if it is no slabinfo, or cut
     */
    public static List<SlabCacheView> read(TextFile file, Map<String, Map<String, String>> attributes) {
        file.whole("'" + FORM + "'");
        List<SlabCacheView> caches = new ArrayList<>();
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i);
            if (line.startsWith("slabinfo - version") || line.startsWith("#") || line.isBlank()) {
                continue;
            }
            Matcher m = LINE.matcher(line);
            if (!m.matches()) {
                throw file.unlike(i, FORM);
            }
            caches.add(new SlabCacheView(
                    m.group(1),
                    file.decimal(i, m.group(2)),
                    file.decimal(i, m.group(3)),
                    file.integer(i, m.group(4)),
                    file.integer(i, m.group(5)),
                    file.integer(i, m.group(6)),
                    file.integer(i, m.group(7)),
                    file.integer(i, m.group(8)),
                    file.integer(i, m.group(9)),
                    file.decimal(i, m.group(10)),
                    file.decimal(i, m.group(11)),
                    file.decimal(i, m.group(12)),
                    attributes.getOrDefault(m.group(1), Map.of())));
        }
        if (caches.isEmpty()) {
            throw file.wrong("there is no cache in it", "a line looks like '" + FORM + "'");
        }
        return List.copyOf(caches);
    }
}

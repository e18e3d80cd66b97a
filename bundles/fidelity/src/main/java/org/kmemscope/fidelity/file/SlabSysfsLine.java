package org.kmemscope.fidelity.file;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of a dump of {@code /sys/kernel/slab}: a cache of SLUB with its attributes.
 *
 * @param name name of the directory: of the cache, or {@code :0000064} of what several share
 * @param link where it leads, if it is a link; else empty
 * @param attributes the files in it with their numbers
 * @param where file and line
 */
public record SlabSysfsLine(String name, String link, Map<String, Integer> attributes, String where) {
    /** The name may have blanks in it. */
    private static final Pattern LINE = Pattern.compile("(.+?)(?: link=(\\S+))?((?: \\w+=\\S*)+.*)");

    private static final Pattern ATTRIBUTE = Pattern.compile("(\\w+)=(\\d+)(?:\\(.*)?");

    /** Keeps what it is given; it is not modified. */
    public SlabSysfsLine {
        attributes = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    }

    /** The lines of a file. */
    public static List<SlabSysfsLine> read(String file, List<String> lines) {
        List<SlabSysfsLine> caches = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher line = LINE.matcher(lines.get(i));
            if (line.matches() && line.group(3).contains(" object_size=")) {
                Map<String, Integer> attributes = new LinkedHashMap<>();
                for (String word : line.group(3).trim().split("\\s+")) {
                    Matcher attribute = ATTRIBUTE.matcher(word);
                    if (attribute.matches()) {
                        attributes.putIfAbsent(attribute.group(1), Integer.parseInt(attribute.group(2)));
                    }
                }
                String link = line.group(2) == null ? "" : line.group(2);
                caches.add(new SlabSysfsLine(line.group(1), link, attributes, file + ":" + (i + 1)));
            }
        }
        return caches;
    }

    /** Whether several caches share it, so that its directory is named after size and flags. */
    public boolean isShared() {
        return name.startsWith(":");
    }

    /** An attribute, 0 if the kernel has no such file. */
    public int get(String attribute) {
        return attributes.getOrDefault(attribute, 0);
    }
}

package org.kmemscope.capture.file;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code /sys/kernel/slab}, as captures write it: a line for each cache with its name and its attributes as {@code key=value}. An alias
 * has {@code link=} with the name of the cache it was merged into.
 */
public final class SlabSysfs {
    private static final String FORM = "kmalloc-64 object_size=64 slab_size=64 order=0";
    /** Drivers give names with blanks: the first key ends the name. */
    private static final Pattern LINE = Pattern.compile("(\\S+)|(\\S.*?)( [a-z]\\w*=.*)");
    /** A value reaches to the next key: {@code slabs_cpu_partial=128(1) C0=128(1)} is one attribute. */
    private static final Pattern ATTRIBUTE = Pattern.compile(" ([a-z]\\w*)=(.*?)(?= [a-z]\\w*=|$)");

    private SlabSysfs() {}

    /** Attributes by cache. */
    public static Map<String, Map<String, String>> read(TextFile file) {
        file.whole("'" + FORM + "'");
        Map<String, Map<String, String>> caches = new LinkedHashMap<>();
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i).stripTrailing();
            Matcher match = LINE.matcher(line);
            if (!line.isEmpty() && !match.matches()) {
                throw file.unlike(i, FORM);
            }
            if (!line.isEmpty()) {
                Map<String, String> attributes = new LinkedHashMap<>();
                boolean bare = match.group(1) != null;
                Matcher attribute = ATTRIBUTE.matcher(bare ? "" : match.group(3));
                while (attribute.find()) {
                    attributes.put(attribute.group(1), attribute.group(2).strip());
                }
                caches.put(bare ? match.group(1) : match.group(2), Collections.unmodifiableMap(attributes));
            }
        }
        return Collections.unmodifiableMap(caches);
    }
}

package org.kmemscope.capture.file;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The configuration of a kernel: {@code /proc/config.gz}, {@code /boot/config-*}. */
public final class ConfigFile {
    private static final String FORM = "CONFIG_HIGHMEM4G=y";
    private static final Pattern LINE = Pattern.compile("CONFIG_(\\w+)=(.*)");

    private ConfigFile() {}

    /** Options that are on, without {@code CONFIG_}, and their values. */
    public static Map<String, String> read(TextFile file) {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i).strip();
            Matcher match = LINE.matcher(line);
            if (match.matches()) {
                options.put(match.group(1), match.group(2));
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                throw file.unlike(i, FORM);
            }
        }
        options.values().removeIf("n"::equals);
        return Collections.unmodifiableMap(options);
    }
}

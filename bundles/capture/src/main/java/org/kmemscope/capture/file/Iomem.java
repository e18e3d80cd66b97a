package org.kmemscope.capture.file;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.view.ResourceView;

/**
 * {@code /proc/iomem}. Since 4.6 a user without privileges sees every address as zero; such a file tells names, but no addresses.
 *
 * @param resources the lines
 * @param hidden whether the addresses are hidden
 */
public record Iomem(List<ResourceView> resources, boolean hidden) {
    private static final String FORM = "00100000-3ffdffff : System RAM";
    private static final Pattern LINE = Pattern.compile("( *)([0-9a-f]+)-([0-9a-f]+) : (.*)");
    private static final int INDENT = 2;

    /** Keeps an unmodifiable copy. */
    public Iomem {
        resources = List.copyOf(resources);
    }

    /**
     * Reads the file.
     *
     * @throws MalformedFile if it is no iomem, or cut
     */
    public static Iomem read(TextFile file) {
        file.whole("'" + FORM + "'");
        List<ResourceView> resources = new ArrayList<>();
        boolean hidden = true;
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i);
            if (line.isBlank()) {
                continue;
            }
            Matcher match = LINE.matcher(line);
            if (!match.matches()) {
                throw file.unlike(i, FORM);
            }
            long start = file.hex(i, match.group(2));
            long end = file.hex(i, match.group(3));
            if (end < start) {
                throw file.wrong(i, "the range ends before it begins", "a line looks like '" + FORM + "'");
            }
            hidden &= end == 0;
            int depth = match.group(1).length() / INDENT;
            resources.add(new ResourceView(start, end, depth, match.group(4).strip()));
        }
        if (resources.isEmpty()) {
            throw file.wrong("there is no line in it", "a line looks like '" + FORM + "'");
        }
        return new Iomem(resources, hidden);
    }
}

package org.kmemscope.fidelity.file;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A row of {@code /proc/slabinfo}.
 *
 * @param name name of the cache
 * @param active objects in use
 * @param size bytes of an object as it is laid out
 * @param objects objects in a slab
 * @param pages pages of a slab
 * @param limit objects a per-CPU array holds
 * @param batch objects moved at a time
 * @param shared size of the array shared by CPUs
 * @param where file and line
 */
public record SlabRow(
        String name, long active, int size, int objects, int pages, int limit, int batch, int shared, String where) {
    private static final Pattern ROW = Pattern.compile(
            "(\\S.*?)\\s+(\\d+)\\s+\\d+\\s+(\\d+)\\s+(\\d+)\\s+(\\d+) : tunables\\s+(\\d+)\\s+(\\d+)\\s+(\\d+) :.*");

    /** The rows of a file, in its order: the newest cache first. */
    public static List<SlabRow> read(String file, List<String> lines) {
        List<SlabRow> rows = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher row = ROW.matcher(lines.get(i));
            if (row.matches()) {
                rows.add(new SlabRow(
                        row.group(1),
                        Long.parseLong(row.group(2)),
                        number(row, 3),
                        number(row, 4),
                        number(row, 5),
                        number(row, 6),
                        number(row, 7),
                        number(row, 8),
                        file + ":" + (i + 1)));
            }
        }
        return rows;
    }

    private static int number(Matcher row, int group) {
        return Integer.parseInt(row.group(group));
    }
}

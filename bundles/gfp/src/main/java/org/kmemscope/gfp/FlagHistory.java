package org.kmemscope.gfp;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.KernelVersion;

/**
 * Which number each GFP name has had, and since when: the file {@code flags.txt}, which explains its own form.
 *
 * <pre>
 *   __GFP_MOVABLE   0x100000 since 2.6.24 ├──────────────┤ 0x8 since 2.6.31 ├───────────────────────────────→
 *   __GFP_REPEAT    0x400    since 2.6.24 ├──────────────────────────────────────────┤ gone since 4.13
 *   a kernel             2.6.29 ↑                 2.6.32 ↑                 4.9 ↑              6.1 ↑
 * </pre>
 *
 * <p>The row in force is the last one of a name whose kernel is not newer than the one asked for, so every release between two rows
 * has a right answer, not only the releases that begin an era. Rows are known up to 6.9; a newer kernel gets the newest rows.
 * Immutable.
 */
final class FlagHistory {
    /** The oldest kernel of the file. */
    static final KernelVersion OLDEST = new KernelVersion(2, 6, 24);

    private static final String GONE = "gone";
    private static final String INSTEAD = "instead";
    private static final String BEFORE = "before";
    private static final String AFTER = "after";
    private static final String BITS = "bits";

    /**
     * A number that a name got.
     *
     * @param since first kernel with it
     * @param value a number, names that are combined, or {@code gone}
     * @param option the option without which it is 0; empty if there is none
     */
    record Row(KernelVersion since, String value, String option) {
        boolean isGone() {
            return value.equals(GONE);
        }
    }

    private final Map<Gfp, List<Row>> rows = new EnumMap<>(Gfp.class);
    private final Map<Gfp, String> instead = new EnumMap<>(Gfp.class);
    private final Map<Gfp, String> before = new EnumMap<>(Gfp.class);
    private final Map<Gfp, String> after = new EnumMap<>(Gfp.class);
    private final List<Row> bits = new ArrayList<>();

    FlagHistory() {
        for (String line : DataLines.read("flags.txt")) {
            String[] fields = line.split("\\s+", 3);
            if (fields[0].equals(BITS)) {
                add(bits, fields);
            } else if (fields[1].equals(INSTEAD)) {
                instead.put(Gfp.valueOf(fields[0]), fields[2]);
            } else if (fields[1].equals(BEFORE)) {
                before.put(Gfp.valueOf(fields[0]), fields[2]);
            } else if (fields[1].equals(AFTER)) {
                after.put(Gfp.valueOf(fields[0]), fields[2]);
            } else {
                add(rows.computeIfAbsent(Gfp.valueOf(fields[0]), flag -> new ArrayList<>()), fields);
            }
        }
    }

    private static void add(List<Row> list, String[] fields) {
        String[] when = fields[2].split("\\s+");
        Row row = new Row(KernelVersion.parse(when[0]), fields[1], when.length > 1 ? when[1] : "");
        if (!list.isEmpty() && list.get(list.size() - 1).since().compareTo(row.since()) >= 0) {
            throw new IllegalStateException("the rows of " + fields[0] + " are not in order of time");
        }
        list.add(row);
    }

    /** The row in force, or empty if the kernel does not have the name. */
    Optional<Row> at(Gfp flag, KernelVersion version) {
        return inForce(all(flag), version).filter(row -> !row.isGone());
    }

    /** Every row of a name, in order of time. */
    List<Row> all(Gfp flag) {
        return rows.getOrDefault(flag, List.of());
    }

    /** How many bits a mask has: a number, or a number, {@code +} and an option that adds one. */
    String bits(KernelVersion version) {
        return inForce(bits, version).orElseThrow().value();
    }

    /** What to write in a kernel without this name, as a mask; empty if nothing stands for it. */
    Optional<String> insteadOf(Gfp flag) {
        return Optional.ofNullable(instead.get(flag));
    }

    /** How it is in a kernel in which this name has not come yet, in words. */
    Optional<String> before(Gfp flag) {
        return Optional.ofNullable(before.get(flag));
    }

    /** What to do in a kernel in which this name is gone, in words. */
    Optional<String> after(Gfp flag) {
        return Optional.ofNullable(after.get(flag));
    }

    /** The kernels that changed something, oldest first. */
    List<KernelVersion> changes() {
        TreeSet<KernelVersion> all = new TreeSet<>();
        rows.values().forEach(list -> list.forEach(row -> all.add(row.since())));
        bits.forEach(row -> all.add(row.since()));
        return List.copyOf(all);
    }

    private static Optional<Row> inForce(List<Row> list, KernelVersion version) {
        Row found = null;
        for (Row row : list) {
            if (row.since().compareTo(version) <= 0) {
                found = row;
            }
        }
        return Optional.ofNullable(found);
    }
}

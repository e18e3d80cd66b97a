package org.kmemscope.reclaim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.page.PageAllocator.Tunable;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** The values of {@code /proc/sys/vm} that reclaim has. */
final class Settings implements Stateful {
    /** Does something when it is written, and always reads 0. */
    static final String DROP_CACHES = "drop_caches";

    /** The same. */
    static final String COMPACT_MEMORY = "compact_memory";

    static final String SWAPPINESS = "swappiness";
    static final String OVERCOMMIT_MEMORY = "overcommit_memory";
    static final String OVERCOMMIT_RATIO = "overcommit_ratio";
    static final String PANIC_ON_OOM = "panic_on_oom";
    static final String KILL_ALLOCATING_TASK = "oom_kill_allocating_task";
    static final String DUMP_TASKS = "oom_dump_tasks";
    static final String DIRTY_BACKGROUND_RATIO = "dirty_background_ratio";
    static final String DIRTY_RATIO = "dirty_ratio";
    static final String DIRTY_WRITEBACK = "dirty_writeback_centisecs";
    static final String DIRTY_EXPIRE = "dirty_expire_centisecs";
    static final String CACHE_PRESSURE = "vfs_cache_pressure";
    static final String EXTFRAG_THRESHOLD = "extfrag_threshold";
    static final String LAPTOP_MODE = "laptop_mode";

    private static final int MOST = 1_000_000;

    private record Range(int least, int most) {}

    private final Map<String, Integer> values = new LinkedHashMap<>();
    private final Map<String, Range> ranges = new LinkedHashMap<>();

    Settings(ReclaimRules rules) {
        if (rules.compactTunables()) {
            add(COMPACT_MEMORY, 0, 0, 1);
        }
        add(DIRTY_BACKGROUND_RATIO, rules.dirtyBackgroundRatio(), 0, 100);
        add(DIRTY_EXPIRE, 3000, 0, MOST);
        add(DIRTY_RATIO, rules.dirtyRatio(), 0, 100);
        add(DIRTY_WRITEBACK, 500, 0, MOST);
        add(DROP_CACHES, 0, 1, rules.lists() == ReclaimRules.Lists.FOUR_BY_NODE ? 4 : 3);
        if (rules.compactTunables()) {
            add(EXTFRAG_THRESHOLD, 500, 0, 1000);
        }
        add(LAPTOP_MODE, 0, 0, MOST);
        if (rules.oomDumpTasks() >= 0) {
            add(DUMP_TASKS, rules.oomDumpTasks(), 0, 1);
        }
        add(KILL_ALLOCATING_TASK, 0, 0, 1);
        add(OVERCOMMIT_MEMORY, 0, 0, 2);
        add(OVERCOMMIT_RATIO, 50, 0, MOST);
        add(PANIC_ON_OOM, 0, 0, 2);
        add(SWAPPINESS, 60, 0, rules.lists() == ReclaimRules.Lists.FOUR_BY_NODE ? 200 : 100);
        add(CACHE_PRESSURE, 100, 0, MOST);
    }

    private void add(String name, int value, int least, int most) {
        values.put(name, value);
        ranges.put(name, new Range(least, most));
    }

    /** A value; 0 where the kernel has no such tunable. */
    int get(String name) {
        return values.getOrDefault(name, 0);
    }

    boolean is(String name) {
        return get(name) != 0;
    }

    List<Tunable> list() {
        List<Tunable> list = new ArrayList<>();
        values.forEach((name, value) -> list.add(new Tunable(name, Integer.toString(value))));
        return list;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /**
     * Reads a value for a tunable.
     *
     * @throws IllegalArgumentException with one line, if it does not fit
     */
    int parse(String name, String text) {
        Range range = ranges.get(name);
        if (range == null) {
            throw new IllegalArgumentException(
                    "no tunable vm." + name + " here; there are " + String.join(", ", values.keySet()));
        }
        try {
            int value = Integer.parseInt(text.trim());
            if (value >= range.least && value <= range.most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("vm." + name + " takes a number, not '" + text + "'", e);
        }
        throw new IllegalArgumentException(
                "vm." + name + " takes " + range.least + " to " + range.most + ", not " + text);
    }

    void set(String name, int value) {
        values.put(name, value);
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(values.values().stream().mapToInt(Integer::intValue).toArray());
    }

    @Override
    public void restore(StateReader in) {
        int[] saved = in.getInts();
        int at = 0;
        for (Map.Entry<String, Integer> value : values.entrySet()) {
            value.setValue(saved[at++]);
        }
    }
}

package org.kmemscope.fidelity.page;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageAllocator;

/** Blocks that a machine gave until a request failed. */
final class FloorCount {
    /** So many changes of the zone are told. */
    private static final int SWITCHES = 16;

    private static final int ROOM = 1024;

    private final Map<String, Long> taken = new LinkedHashMap<>();
    private final Map<String, Long> first = new LinkedHashMap<>();
    private final StringBuilder switches = new StringBuilder();
    private int[] pfns = new int[ROOM];
    private int count;

    private FloorCount() {}

    /** Takes all there are. */
    static FloorCount take(Machine machine, int mask, int order) {
        FloorCount all = new FloorCount();
        String last = "";
        int changes = 0;
        int pfn = machine.pages().allocPages(mask, order);
        while (pfn != PageAllocator.NONE) {
            String zone = zone(machine, pfn);
            if (!zone.equals(last) && changes < SWITCHES) {
                all.switches
                        .append(changes == 0 ? "" : ",")
                        .append('@')
                        .append(all.count)
                        .append(':')
                        .append(zone);
                last = zone;
                changes++;
            }
            all.add(zone, pfn);
            pfn = machine.pages().allocPages(mask, order);
        }
        all.switches.append(changes == SWITCHES ? ",..." : "");
        return all;
    }

    /** Name of the zone of a page. */
    static String zone(Machine machine, int pfn) {
        return machine.pages().zoneType(machine.frames().zone(pfn)).label();
    }

    private void add(String zone, int pfn) {
        first.putIfAbsent(zone, (long) count);
        taken.merge(zone, 1L, Long::sum);
        if (count == pfns.length) {
            pfns = Arrays.copyOf(pfns, 2 * count);
        }
        pfns[count++] = pfn;
    }

    /** Gives them back, the last one first, and empties per-CPU lists. */
    void free(Machine machine, int order) {
        for (int i = count - 1; i >= 0; i--) {
            machine.pages().freePages(pfns[i], order);
        }
        machine.pages().drainAllPages();
    }

    long blocks() {
        return count;
    }

    /** Blocks of a zone. */
    long of(String zone) {
        return taken.getOrDefault(zone, 0L);
    }

    /** How many blocks came before the first of a zone; -1 if there was none. */
    long first(String zone) {
        return first.getOrDefault(zone, -1L);
    }

    /** Where another zone served than before. */
    String switches() {
        return switches.toString();
    }
}

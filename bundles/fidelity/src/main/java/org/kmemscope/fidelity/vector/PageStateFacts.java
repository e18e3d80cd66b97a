package org.kmemscope.fidelity.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.FreeList;
import org.kmemscope.api.page.PageState.PcpList;
import org.kmemscope.api.page.PageState.PerCpu;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.fidelity.Findings;

/**
 * The facts of a state of the page allocator: of every populated zone each counter that operations change, each free list and per-CPU list
 * that is not empty, and the types of the pageblocks.
 */
final class PageStateFacts {
    private static final int[] NOTHING = {};

    private final ZoneNames names;

    PageStateFacts(ZoneNames names) {
        this.names = names;
    }

    /** How many facts a state has. */
    static long count(PageState state) {
        return populated(state).stream()
                .mapToLong(zone -> counters(zone).size() + lists(zone).size())
                .sum();
    }

    private static List<ZoneState> populated(PageState state) {
        return state.zones().stream().filter(zone -> zone.spanned() > 0).toList();
    }

    /**
     * Compares two states.
     *
     * @param tag which state it is
     * @param where the file
     */
    void compare(String tag, PageState captured, PageState modelled, String where, Findings findings) {
        for (ZoneState zone : populated(captured)) {
            String fact = tag + ", zone " + names.zone(zone.index()) + ": ";
            ZoneState mine = modelled.zones().get(zone.index());
            Map<String, Long> counters = counters(mine);
            counters(zone).forEach((name, value) -> findings.compare(fact + name, value, counters.get(name), where));
            compareLists(fact, lists(zone), lists(mine), where, findings);
        }
    }

    private void compareLists(
            String fact,
            Map<ListName, int[]> captured,
            Map<ListName, int[]> modelled,
            String where,
            Findings findings) {
        captured.forEach((name, pfns) -> {
            int[] mine = modelled.getOrDefault(name, NOTHING);
            if (Arrays.equals(pfns, mine)) {
                findings.equal(1);
            } else {
                findings.different(
                        fact + name.text(names), Pfns.text(pfns, mine), Pfns.text(mine, pfns), where, List.of());
            }
        });
        modelled.forEach((name, mine) -> {
            if (!captured.containsKey(name)) {
                findings.different(fact + name.text(names), Pfns.text(NOTHING), Pfns.text(mine), where, List.of());
            }
        });
    }

    private static Map<String, Long> counters(ZoneState zone) {
        Map<String, Long> counters = new LinkedHashMap<>();
        counters.put("nr_free", zone.free());
        counters.put("boost", zone.boost());
        counters.put("boosted", zone.boosted() ? 1L : 0L);
        counters.put("highatomic", zone.highatomic());
        counters.put("cma_free", zone.cmaFree());
        for (int cpu = 0; cpu < zone.perCpu().size(); cpu++) {
            PerCpu lists = zone.perCpu().get(cpu);
            counters.put("nr_free_diff of CPU " + cpu, (long) zone.freeDiff()[cpu]);
            counters.put("cma_free_diff of CPU " + cpu, (long) zone.cmaDiff()[cpu]);
            counters.put("count of CPU " + cpu, (long) lists.count());
            counters.put("free_factor of CPU " + cpu, (long) lists.freeFactor());
        }
        return counters;
    }

    private static Map<ListName, int[]> lists(ZoneState zone) {
        Map<ListName, int[]> lists = new LinkedHashMap<>();
        for (FreeList list : zone.freeLists()) {
            lists.put(new ListName(ListName.Kind.FREE, 0, list.order(), list.migratetype()), list.pfns());
        }
        for (int cpu = 0; cpu < zone.perCpu().size(); cpu++) {
            for (PcpList list : zone.perCpu().get(cpu).lists()) {
                lists.put(new ListName(ListName.Kind.PER_CPU, cpu, list.index(), 0), list.pfns());
                lists.put(new ListName(ListName.Kind.PER_CPU_TYPES, cpu, list.index(), 0), list.types());
            }
        }
        lists.put(new ListName(ListName.Kind.PAGEBLOCKS, 0, 0, 0), zone.blockTypes());
        return lists;
    }

    /** Names of the lists of a state, in the order of {@link #lists}: what they are and how long. */
    static List<String> summary(ZoneState zone, ZoneNames names) {
        List<String> lines = new ArrayList<>();
        lists(zone).forEach((name, pfns) -> {
            if (name.kind() == ListName.Kind.FREE || name.kind() == ListName.Kind.PER_CPU) {
                lines.add(name.text(names) + " " + Pfns.text(pfns));
            }
        });
        return lines;
    }
}

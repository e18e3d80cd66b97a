package org.kmemscope.capture.file;

import java.util.List;
import java.util.Map;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.api.view.ZoneView.PageSet;

/**
 * {@code /proc/zoneinfo}.
 *
 * @param zones its zones, in its order; before 4.14 only those with memory
 * @param nodeStatistics counters of the first node, as 4.8 and later print them with its first zone
 */
public record ZoneInfo(List<Zone> zones, List<CounterView> nodeStatistics) {
    /** Keeps unmodifiable copies. */
    public ZoneInfo {
        zones = List.copyOf(zones);
        nodeStatistics = List.copyOf(nodeStatistics);
    }

    /**
     * A zone.
     *
     * @param key its name
     * @param sizes {@code free}, {@code min}, {@code low}, {@code high}, {@code spanned}, {@code present} and what else stands there
     * @param protection {@code lowmem_reserve[]}
     * @param pageSets per-CPU lists; none for an empty zone
     * @param threshold {@code vm stats threshold}
     * @param startPfn first frame; 0 for an empty zone
     * @param statistics counters, in their order
     */
    public record Zone(
            ZoneKey key,
            Map<String, Long> sizes,
            List<Long> protection,
            List<PageSet> pageSets,
            int threshold,
            int startPfn,
            Map<String, Long> statistics) {
        /** A size, or 0 if this kernel does not print it. */
        public long size(String name) {
            return sizes.getOrDefault(name, 0L);
        }
    }
}

package org.kmemscope.capture.seed;

import java.util.List;
import org.kmemscope.api.page.PageState.PerCpu;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.api.view.ZoneView;

/**
 * Puts the state of a zone together: sizes, watermarks and reserves as they were captured, lists as they were found.
 *
 * <p>The counter of free pages runs behind what the lists hold by what each CPU has not told yet, at most the threshold of each. If the
 * counter and the lists were read at moments so far apart that this cannot be, the lists are right.
 */
final class ZoneStates {
    private ZoneStates() {}

    /** A zone without memory. */
    static ZoneState empty(ZoneView zone) {
        return new ZoneState(
                zone.index(),
                0,
                0,
                0,
                0,
                new long[] {zone.min(), zone.low(), zone.high()},
                zone.boost(),
                false,
                false,
                0,
                0,
                new int[1],
                0,
                0,
                0,
                new int[1],
                reserve(zone),
                List.of(),
                List.of(),
                new int[0],
                new int[0]);
    }

    /**
     * A zone with memory.
     *
     * @param managed frames the allocator was given
     * @param placed its free lists and pageblocks
     * @param perCpu its per-CPU lists
     * @param cma number of the CMA type; -1 if there is none
     */
    static ZoneState of(ZoneView zone, long managed, PlacedBlocks placed, List<PerCpu> perCpu, int cma) {
        int cpus = Math.max(1, perCpu.size());
        long listed = placed.free().cardinality();
        Split free = Split.of(zone.free(), listed, zone.statThreshold(), cpus);
        long listedCma = cma < 0 ? 0 : placed.pages(cma);
        Split freeCma = Split.of(zone.cmaFree(), listedCma, zone.statThreshold(), cpus);
        return new ZoneState(
                zone.index(),
                zone.startPfn(),
                zone.spanned(),
                zone.present(),
                managed,
                new long[] {zone.min(), zone.low(), zone.high()},
                zone.boost(),
                false,
                false,
                zone.highatomic(),
                free.counter,
                free.differences,
                zone.statThreshold(),
                Math.max(0, zone.cma()),
                freeCma.counter,
                freeCma.differences,
                reserve(zone),
                perCpu,
                placed.freeLists(),
                placed.types(),
                new int[0]);
    }

    private static long[] reserve(ZoneView zone) {
        return zone.protection().stream().mapToLong(Long::longValue).toArray();
    }

    /** A counter, and what each CPU has not added to it yet. */
    private record Split(long counter, int[] differences) {
        static Split of(long counter, long listed, int threshold, int cpus) {
            int[] differences = new int[cpus];
            long left = listed - counter;
            if (Math.abs(left) > (long) threshold * cpus) {
                return new Split(listed, differences);
            }
            for (int cpu = 0; cpu < cpus; cpu++) {
                differences[cpu] = (int) Math.max(-threshold, Math.min(threshold, left));
                left -= differences[cpu];
            }
            return new Split(counter, differences);
        }
    }
}

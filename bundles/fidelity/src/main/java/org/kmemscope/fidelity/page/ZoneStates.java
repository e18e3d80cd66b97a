package org.kmemscope.fidelity.page;

import java.util.List;
import org.kmemscope.api.page.PageState.FreeList;
import org.kmemscope.api.page.PageState.PerCpu;
import org.kmemscope.api.page.PageState.ZoneState;

/** States of zones made of others. */
final class ZoneStates {
    private ZoneStates() {}

    /** The same zone with other lists. */
    static ZoneState of(ZoneState zone, List<FreeList> lists, int[] blockTypes, long boost) {
        return with(zone, boost, counts(zone), zone.reserve(), zone.perCpu(), lists, blockTypes);
    }

    /** The same zone with other reserves. */
    static ZoneState withReserve(ZoneState zone, long[] reserve) {
        return with(zone, zone.boost(), counts(zone), reserve, zone.perCpu(), zone.freeLists(), zone.blockTypes());
    }

    /**
     * The zone with these lists only, its per-CPU lists empty.
     *
     * @param free its counter of free pages
     * @param behind what the first CPU has not added to it yet
     * @param cmaFree pages of the lists that are of contiguous areas
     */
    static ZoneState filled(
            ZoneState zone, List<FreeList> lists, int[] blockTypes, long free, int behind, long cmaFree) {
        int[] differences = new int[zone.freeDiff().length];
        differences[0] = behind;
        return with(
                zone,
                zone.boost(),
                new Counts(free, differences, cmaFree, new int[zone.cmaDiff().length]),
                zone.reserve(),
                zone.perCpu().stream()
                        .map(cpu -> new PerCpu(0, cpu.high(), cpu.batch(), 0, List.of()))
                        .toList(),
                lists,
                blockTypes);
    }

    /** Counters of free pages, and what the CPUs have not added to them yet. */
    private record Counts(long free, int[] freeDiff, long cmaFree, int[] cmaDiff) {}

    private static Counts counts(ZoneState zone) {
        return new Counts(zone.free(), zone.freeDiff(), zone.cmaFree(), zone.cmaDiff());
    }

    private static ZoneState with(
            ZoneState zone,
            long boost,
            Counts counts,
            long[] reserve,
            List<PerCpu> perCpu,
            List<FreeList> lists,
            int[] blockTypes) {
        return new ZoneState(
                zone.index(),
                zone.startPfn(),
                zone.spanned(),
                zone.present(),
                zone.managed(),
                zone.marks(),
                boost,
                zone.boosted(),
                zone.reclaimActive(),
                zone.highatomic(),
                counts.free(),
                counts.freeDiff(),
                zone.threshold(),
                zone.cma(),
                counts.cmaFree(),
                counts.cmaDiff(),
                reserve,
                perCpu,
                lists,
                blockTypes,
                zone.movable());
    }
}

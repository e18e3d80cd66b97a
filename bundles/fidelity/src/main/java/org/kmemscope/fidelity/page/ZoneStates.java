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
                zone.free(),
                zone.freeDiff(),
                zone.threshold(),
                zone.cma(),
                zone.cmaFree(),
                zone.cmaDiff(),
                zone.reserve(),
                zone.perCpu(),
                lists,
                blockTypes,
                zone.movable());
    }

    /** The same zone with other reserves. */
    static ZoneState withReserve(ZoneState zone, long[] reserve) {
        return new ZoneState(
                zone.index(),
                zone.startPfn(),
                zone.spanned(),
                zone.present(),
                zone.managed(),
                zone.marks(),
                zone.boost(),
                zone.boosted(),
                zone.reclaimActive(),
                zone.highatomic(),
                zone.free(),
                zone.freeDiff(),
                zone.threshold(),
                zone.cma(),
                zone.cmaFree(),
                zone.cmaDiff(),
                reserve,
                zone.perCpu(),
                zone.freeLists(),
                zone.blockTypes(),
                zone.movable());
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
        return new ZoneState(
                zone.index(),
                zone.startPfn(),
                zone.spanned(),
                zone.present(),
                zone.managed(),
                zone.marks(),
                zone.boost(),
                zone.boosted(),
                zone.reclaimActive(),
                zone.highatomic(),
                free,
                differences,
                zone.threshold(),
                zone.cma(),
                cmaFree,
                new int[zone.cmaDiff().length],
                zone.reserve(),
                zone.perCpu().stream()
                        .map(cpu -> new PerCpu(0, cpu.high(), cpu.batch(), 0, List.of()))
                        .toList(),
                lists,
                blockTypes,
                zone.movable());
    }
}

package org.kmemscope.capture.seed;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.page.PageState.PcpList;
import org.kmemscope.api.page.PageState.PerCpu;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.api.view.ZoneView.PageSet;
import org.kmemscope.api.view.ZoneView.PerCpuList;

/**
 * Finds frames for per-CPU lists of which only the lengths are known: single pages, from the smallest gaps between free blocks first, so
 * that the long stretches which boot needs stay whole. Frames of an area for contiguous memory come last: what is in use there, drivers
 * most likely have.
 */
final class PerCpuFrames {
    private final List<Integer> frames = new ArrayList<>();
    private final int[] blockTypes;
    private final int firstBlock;
    private final int pageblockOrder;
    private final int movable;
    private final boolean listsByType;
    private int next;

    /**
     * @param used frames that are neither free nor kept
     * @param blockTypes types of the zone's pageblocks
     * @param movable number of the movable type
     * @param cma number of the type of contiguous areas, -1 if there is none: what is in use there belongs to devices
     * @param listsByType whether each type has a list of its own, as from 2.6.32 on; before, list 0 has all hot pages, 1 the cold ones
     */
    PerCpuFrames(
            ZoneView zone,
            BitSet used,
            int[] blockTypes,
            int pageblockOrder,
            int movable,
            int cma,
            boolean listsByType) {
        this.blockTypes = blockTypes;
        this.pageblockOrder = pageblockOrder;
        this.movable = movable;
        this.listsByType = listsByType;
        firstBlock = zone.startPfn() >>> pageblockOrder;
        int end = (int) (zone.startPfn() + zone.spanned());
        List<int[]> runs = new ArrayList<>();
        for (int pfn = used.nextSetBit(zone.startPfn()); pfn >= 0 && pfn < end; ) {
            int stop = Math.min(end, used.nextClearBit(pfn));
            runs.add(new int[] {pfn, stop});
            pfn = used.nextSetBit(stop);
        }
        runs.sort(Comparator.comparingInt(run -> run[1] - run[0]));
        List<Integer> special = new ArrayList<>();
        for (int[] run : runs) {
            for (int pfn = run[0]; pfn < run[1]; pfn++) {
                if (typeOf(pfn) != cma) {
                    (typeOf(pfn) < MigrateTypes.PCPTYPES ? frames : special).add(pfn);
                }
            }
        }
        frames.addAll(special);
    }

    /** The lists of one CPU. There may be less on them than was captured, if the zone has not enough frames in use. */
    PerCpu lists(PageSet set) {
        List<List<Integer>> byList = new ArrayList<>();
        int lists = listsByType ? MigrateTypes.PCPTYPES : set.lists().size();
        for (int list = 0; list < lists; list++) {
            byList.add(new ArrayList<>());
        }
        int taken = 0;
        for (int list = 0; list < set.lists().size(); list++) {
            for (long i = set.lists().get(list).count(); i > 0 && next < frames.size(); i--) {
                int pfn = frames.get(next++);
                byList.get(listsByType ? listOf(typeOf(pfn)) : list).add(pfn);
                taken++;
            }
        }
        List<PcpList> filled = new ArrayList<>();
        for (int list = 0; list < lists; list++) {
            int[] pfns = byList.get(list).stream().mapToInt(Integer::intValue).toArray();
            int[] types = new int[pfns.length];
            for (int i = 0; i < pfns.length; i++) {
                types[i] = typeOf(pfns[i]);
            }
            if (pfns.length > 0) {
                filled.add(new PcpList(list, pfns, types));
            }
        }
        PerCpuList first = set.lists().get(0);
        return new PerCpu(taken, (int) first.high(), (int) first.batch(), 0, filled);
    }

    private int typeOf(int pfn) {
        return blockTypes[(pfn >>> pageblockOrder) - firstBlock];
    }

    private int listOf(int type) {
        return type < MigrateTypes.PCPTYPES ? type : movable;
    }
}

package org.kmemscope.zone;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.FreeList;
import org.kmemscope.api.page.PageState.PerCpu;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/** Writes the exact state of the allocator down, and takes one over. */
final class StateCapture {
    private final ZonedPageAllocator allocator;
    private final PageFrames frames;

    StateCapture(ZonedPageAllocator allocator) {
        this.allocator = allocator;
        this.frames = allocator.frames;
    }

    PageState state() {
        return state(true);
    }

    PageState counters() {
        return state(false);
    }

    private PageState state(boolean withLists) {
        List<ZoneState> zones = new ArrayList<>();
        for (Zone zone : allocator.zones) {
            zones.add(state(zone, withLists));
        }
        return new PageState(zones);
    }

    private ZoneState state(Zone zone, boolean withLists) {
        List<PerCpu> perCpu = new ArrayList<>();
        for (int cpu = 0; cpu < zone.freeDiff.length; cpu++) {
            perCpu.add(withLists ? zone.perCpu.state(cpu) : zone.perCpu.counters(cpu));
        }
        return new ZoneState(
                zone.index,
                zone.startPfn,
                zone.spanned,
                zone.present,
                zone.managed,
                new long[] {zone.min, zone.low, zone.high},
                zone.boost,
                zone.boosted,
                zone.reclaimActive,
                zone.highatomic,
                zone.free,
                zone.freeDiff.clone(),
                zone.threshold,
                zone.cma,
                zone.cmaFree,
                zone.cmaDiff.clone(),
                zone.reserve.clone(),
                perCpu,
                withLists ? freeLists(zone) : List.of(),
                withLists ? blockTypes(zone) : new int[0],
                withLists ? movable(zone) : new int[0]);
    }

    private List<FreeList> freeLists(Zone zone) {
        List<FreeList> lists = new ArrayList<>();
        int types = allocator.ground.gfp().migrateTypes().count();
        for (int order = 0; order < allocator.rules.maxOrder(); order++) {
            for (int type = 0; type < types; type++) {
                int length = zone.areas.count(order, type);
                if (length > 0) {
                    int[] pfns = new int[length];
                    int at = 0;
                    for (int pfn = zone.areas.first(order, type);
                            pfn != PageFrames.NONE;
                            pfn = zone.areas.nextBlock(pfn)) {
                        pfns[at++] = pfn;
                    }
                    lists.add(new FreeList(order, type, pfns));
                }
            }
        }
        return lists;
    }

    private int[] blockTypes(Zone zone) {
        if (!zone.populated()) {
            return new int[0];
        }
        int order = frames.pageblockOrder();
        int first = zone.startPfn >>> order;
        int[] types = new int[((zone.endPfn - 1) >>> order) - first + 1];
        for (int block = 0; block < types.length; block++) {
            types[block] = frames.blockType(Math.max(zone.startPfn, (first + block) << order));
        }
        return types;
    }

    private int[] movable(Zone zone) {
        int[] pfns = new int[Math.toIntExact(zone.spanned)];
        int count = 0;
        for (int pfn = zone.startPfn; pfn < zone.endPfn; pfn++) {
            if (frames.is(pfn, PageFlag.LRU) || frames.is(pfn, PageFlag.MOVABLE)) {
                pfns[count++] = pfn;
            }
        }
        return Arrays.copyOf(pfns, count);
    }

    void load(PageState state) {
        new StateCheck(allocator).run(state);
        for (ZoneState zone : state.zones()) {
            load(allocator.zones[zone.index()], zone);
        }
    }

    private void load(Zone zone, ZoneState state) {
        zone.areas.clear();
        for (int cpu = 0; cpu < zone.freeDiff.length; cpu++) {
            zone.perCpu.drain(cpu);
        }
        zone.areas.clear();
        zone.managed = state.managed();
        zone.min = state.marks()[0];
        zone.low = state.marks()[1];
        zone.high = state.marks()[2];
        zone.boost = state.boost();
        zone.boosted = state.boosted();
        zone.reclaimActive = state.reclaimActive();
        zone.highatomic = state.highatomic();
        zone.free = state.free();
        zone.threshold = state.threshold();
        zone.cma = state.cma();
        zone.cmaFree = state.cmaFree();
        copy(state.freeDiff(), zone.freeDiff);
        copy(state.cmaDiff(), zone.cmaDiff);
        System.arraycopy(state.reserve(), 0, zone.reserve, 0, Math.min(zone.reserve.length, state.reserve().length));
        loadFrames(zone, state);
    }

    private void loadFrames(Zone zone, ZoneState state) {
        int order = frames.pageblockOrder();
        int first = zone.startPfn >>> order;
        for (int block = 0; block < state.blockTypes().length; block++) {
            frames.setBlockType(Math.max(zone.startPfn, (first + block) << order), state.blockTypes()[block]);
        }
        for (int pfn = zone.startPfn; pfn < zone.endPfn; pfn++) {
            int flags = frames.flags(pfn) & (PageFlag.HOLE.bit() | PageFlag.RESERVED.bit());
            frames.setFlags(pfn, flags);
            frames.setCount(pfn, flags == 0 ? 1 : 0);
            frames.setPrivateData(pfn, 0);
        }
        for (FreeList list : state.freeLists()) {
            for (int pfn : list.pfns()) {
                free(pfn, list.order());
                zone.areas.append(pfn, list.order(), list.migratetype());
            }
        }
        for (int cpu = 0; cpu < state.perCpu().size(); cpu++) {
            for (PageState.PcpList list : state.perCpu().get(cpu).lists()) {
                for (int pfn : list.pfns()) {
                    free(pfn, zone.perCpu.orderOf(list.index()));
                }
            }
            zone.perCpu.load(cpu, state.perCpu().get(cpu));
        }
        for (int pfn : state.movable()) {
            frames.set(pfn, PageFlag.LRU);
        }
    }

    private void free(int pfn, int order) {
        for (int frame = pfn; frame < pfn + (1 << order); frame++) {
            frames.setCount(frame, 0);
            frames.setFlags(frame, frames.flags(frame) & ~PageFlag.RESERVED.bit());
        }
    }

    private static void copy(int[] from, int[] to) {
        java.util.Arrays.fill(to, 0);
        System.arraycopy(from, 0, to, 0, Math.min(from.length, to.length));
    }
}

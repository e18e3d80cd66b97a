package org.kmemscope.zone;

import java.util.BitSet;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.FreeList;
import org.kmemscope.api.page.PageState.PcpList;
import org.kmemscope.api.page.PageState.PerCpu;
import org.kmemscope.api.page.PageState.ZoneState;

/**
 * Whether a recorded state can be taken over: its zones are those of this allocator, each block lies in its zone, is aligned, has a type
 * that this kernel knows, and is on one list only. Counters are not compared with lists: those of a running kernel may have gone on.
 */
final class StateCheck {
    private final ZonedPageAllocator allocator;

    StateCheck(ZonedPageAllocator allocator) {
        this.allocator = allocator;
    }

    /**
     * Checks everything before anything is taken over.
     *
     * @throws IllegalArgumentException with one line
     */
    void run(PageState state) {
        if (state.zones().size() != allocator.zones.length) {
            throw wrong("the state has %d zones, this kernel %d", state.zones().size(), allocator.zones.length);
        }
        BitSet used = new BitSet();
        for (int index = 0; index < allocator.zones.length; index++) {
            ZoneState zone = state.zones().get(index);
            if (zone.index() != index) {
                throw wrong("zone %d of the state has the index %d", index, zone.index());
            }
            check(allocator.zones[index], zone, used);
        }
    }

    private void check(Zone zone, ZoneState state, BitSet used) {
        String name = zone.type.label();
        if (state.startPfn() != zone.startPfn || state.spanned() != zone.spanned) {
            throw wrong(
                    "zone %s starts at pfn 0x%x and spans %d frames in the state, at 0x%x and %d here",
                    name, state.startPfn(), state.spanned(), zone.startPfn, zone.spanned);
        }
        if (zone.populated() && state.blockTypes().length > blocks(zone)) {
            throw wrong(
                    "zone %s has %d pageblocks in the state, %d here", name, state.blockTypes().length, blocks(zone));
        }
        for (int type : state.blockTypes()) {
            checkType(name, type);
        }
        for (FreeList list : state.freeLists()) {
            checkType(name, list.migratetype());
            if (list.order() < 0 || list.order() >= allocator.rules.maxOrder()) {
                throw wrong(
                        "zone %s has blocks of order %d in the state, the largest order here is %d",
                        name, list.order(), allocator.rules.maxOrder() - 1);
            }
            checkBlocks(zone, list.pfns(), list.order(), used);
        }
        if (state.perCpu().size() > zone.freeDiff.length) {
            throw wrong(
                    "zone %s has lists of %d CPUs in the state, this machine has %d",
                    name, state.perCpu().size(), zone.freeDiff.length);
        }
        for (PerCpu cpu : state.perCpu()) {
            for (PcpList list : cpu.lists()) {
                if (list.index() < 0 || list.index() >= zone.perCpu.listCount()) {
                    throw wrong(
                            "zone %s has a per-CPU list %d in the state, here there are %d",
                            name, list.index(), zone.perCpu.listCount());
                }
                for (int type : list.types()) {
                    checkType(name, type);
                }
                checkBlocks(zone, list.pfns(), zone.perCpu.orderOf(list.index()), used);
            }
        }
        for (int pfn : state.movable()) {
            if (pfn < zone.startPfn || pfn >= zone.endPfn) {
                throw wrong("zone %s has a movable pfn 0x%x in the state that is not in it", name, pfn);
            }
        }
    }

    private int blocks(Zone zone) {
        int order = allocator.frames.pageblockOrder();
        return (zone.endPfn - 1 >>> order) - (zone.startPfn >>> order) + 1;
    }

    private void checkType(String zone, int type) {
        int count = allocator.ground.gfp().migrateTypes().count();
        if (type < 0 || type >= count) {
            throw wrong("zone %s has a migrate type %d in the state, this kernel has %d types", zone, type, count);
        }
    }

    private static void checkBlocks(Zone zone, int[] pfns, int order, BitSet used) {
        int size = 1 << order;
        for (int pfn : pfns) {
            boolean inside = pfn >= zone.startPfn && pfn + size <= zone.endPfn;
            if (!inside || (pfn & size - 1) != 0 || used.get(pfn, pfn + size).cardinality() > 0) {
                throw wrong(
                        "zone %s has a free block of order %d at pfn 0x%x in the state, which %s",
                        zone.type.label(),
                        order,
                        pfn,
                        !inside ? "is not in it" : (pfn & size - 1) != 0 ? "is not aligned" : "is free already");
            }
            used.set(pfn, pfn + size);
        }
    }

    private static IllegalArgumentException wrong(String format, Object... arguments) {
        return new IllegalArgumentException(String.format(format, arguments));
    }
}

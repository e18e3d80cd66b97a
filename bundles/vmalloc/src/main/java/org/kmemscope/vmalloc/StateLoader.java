package org.kmemscope.vmalloc;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.VmapAreaView.Kind;
import org.kmemscope.api.vmalloc.VmallocState;

/**
 * Takes over recorded areas.
 *
 * <ol>
 *   <li>Every range is noted as in use, or as freed and not purged.
 *   <li>The placement takes them over: with the recorded tree, or one of its own making.
 *   <li>Areas from vmalloc get pages, device mappings are made; as far as the record tells how many, and where this is the machine's
 *       to map. All others only hold their addresses.
 * </ol>
 */
final class StateLoader {
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;
    private static final long ADDRESSES = 1L << 32;

    private final ObjectFloor floor;
    private final VmallocRules rules;
    private final VmapSpace space;
    private final VmStructs structs;
    private final AreaAllocator areas;

    StateLoader(ObjectFloor floor, VmallocRules rules, VmapSpace space, VmStructs structs, AreaAllocator areas) {
        this.floor = floor;
        this.rules = rules;
        this.space = space;
        this.structs = structs;
        this.areas = areas;
    }

    void load(VmallocState state, int gfp) {
        if (space.busy().size() + space.lazy().size() > 0) {
            throw new IllegalStateException("recorded areas can only be loaded before anything is allocated");
        }
        space.placement().load(ranges(state), state.freeTree());
        for (VmapAreaView view : state.areas()) {
            if (view.kind() == Kind.UNPURGED) {
                space.loadLazy(view.start(), view.end(), vmapArea(gfp));
            } else {
                space.loadBusy(view.start(), view.end(), vmapArea(gfp));
            }
        }
        for (VmapAreaView view : state.areas()) {
            if (view.kind() != Kind.UNPURGED && view.kind() != Kind.VM_MAP_RAM) {
                load(view, gfp);
            }
        }
    }

    /** Every range that is not free. */
    private static RangeList ranges(VmallocState state) {
        List<VmapAreaView> areas = new ArrayList<>(state.areas());
        areas.sort(Comparator.comparingLong(VmapAreaView::start));
        RangeList ranges = new RangeList();
        long end = 0;
        for (VmapAreaView area : areas) {
            if (area.start() < end || area.start() >= area.end() || area.end() > ADDRESSES) {
                throw new IllegalArgumentException(String.format(
                        "the recorded area 0x%08x-0x%08x is empty or overlaps another", area.start(), area.end()));
            }
            ranges.add(area.start(), area.end(), 0);
            end = area.end();
        }
        return ranges;
    }

    private long vmapArea(int gfp) {
        int bytes = rules.descriptors().vmapArea();
        return bytes == 0 ? 0 : floor.objects().kmalloc(bytes, gfp & floor.gfp().reclaimMask());
    }

    private void load(VmapAreaView view, int gfp) {
        long object = floor.objects()
                .kmalloc(rules.descriptors().vmStruct(), gfp & floor.gfp().reclaimMask());
        int caller = floor.trace().callSites().id(view.caller());
        int area = structs.add(view.start(), view.end(), view.kind(), caller, object);
        if (!back(area, view, gfp)) {
            structs.set(area, VmStructs.UNKNOWN);
            structs.setPages(area, view.pages());
            structs.setPhys(area, view.phys());
        }
    }

    private boolean back(int area, VmapAreaView view, int gfp) {
        AddressLayout layout = floor.layout();
        int room = (int) ((view.end() - view.start()) / PAGE_SIZE) - 1;
        if (view.start() < layout.vmallocStart() || view.end() > layout.vmallocEnd() || room == 0) {
            return false;
        }
        if (view.kind() == Kind.VMALLOC && view.pages() == room && !view.vpages()) {
            return areas.fill(area, room, gfp, Protection.KERNEL);
        }
        if (view.kind() == Kind.IOREMAP && view.phys() >= 0 && rules.io().reaches(view.phys())) {
            structs.setPages(area, room);
            structs.setPhys(area, view.phys());
            return areas.mapDevice(view.start(), view.phys(), room);
        }
        return false;
    }
}

package org.kmemscope.vmalloc;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.view.VmapAreaView.Kind;

/**
 * Checks the vmalloc area against page tables and frames.
 *
 * <ol>
 *   <li>Ranges in use and ranges not purged do not overlap and lie between VMALLOC_START and VMALLOC_END; what knows where there is
 *       room agrees.
 *   <li>Each area holds exactly one range in use.
 *   <li>Each page of an area is mapped to the frame on record; its guard page is not mapped.
 *   <li>Frames from vmalloc are in use, and nobody else's.
 * </ol>
 */
final class VmallocCheck {
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;

    private final ObjectFloor floor;
    private final VmallocRules rules;
    private final VmapSpace space;
    private final VmStructs structs;
    private final AreaAllocator areas;
    private final Mmu mmu;

    VmallocCheck(ObjectFloor floor, VmallocRules rules, VmapSpace space, VmStructs structs, AreaAllocator areas) {
        this.floor = floor;
        this.rules = rules;
        this.space = space;
        this.structs = structs;
        this.areas = areas;
        mmu = floor.mmu();
    }

    void run(Verification report) {
        checkRanges(report);
        for (int i = 0; i < structs.count(); i++) {
            checkArea(report, structs.at(i));
        }
    }

    private void checkRanges(Verification report) {
        AddressLayout layout = floor.layout();
        RangeList all = space.notFree();
        for (int i = 0; i < all.size(); i++) {
            boolean recorded = isRecorded(all.start(i));
            report.check(
                    recorded || all.start(i) >= layout.vmallocStart() && all.end(i) <= layout.vmallocEnd(),
                    "vmalloc: 0x%08x-0x%08x lies outside of the vmalloc area",
                    all.start(i),
                    all.end(i));
        }
        space.placement().verify(report, all);
        RangeList lazy = space.lazy();
        boolean cleared = rules.freeing() == Freeing.UNMAPPED_AT_FREE || rules.debugPagealloc();
        for (int i = 0; cleared && i < lazy.size(); i++) {
            for (long virt = lazy.start(i); virt < lazy.end(i); virt += PAGE_SIZE) {
                report.check(mmu.lookup(virt) < 0, "vmalloc: 0x%08x is freed, but mapped", virt);
            }
        }
    }

    /** Modules of ARM lie below PAGE_OFFSET, and boot maps devices where it likes: records may have such areas. */
    private boolean isRecorded(long start) {
        int area = structs.startingAt(start);
        return area != VmStructs.NONE && structs.is(area, VmStructs.UNKNOWN);
    }

    private void checkArea(Verification report, int area) {
        long start = structs.start(area);
        int index = space.busy().startingAt(start);
        report.check(
                index >= 0 && space.busy().end(index) == structs.end(area),
                "vmalloc: area 0x%08x-0x%08x is no range in use",
                start,
                structs.end(area));
        if (structs.is(area, VmStructs.UNKNOWN)) {
            return;
        }
        int count = structs.pages(area);
        for (int i = 0; i < count; i++) {
            checkPage(report, area, i);
        }
        long guard = start + (long) count * PAGE_SIZE;
        report.check(
                guard + PAGE_SIZE == structs.end(area) && mmu.lookup(guard) < 0,
                "vmalloc: area 0x%08x-0x%08x has no guard page at 0x%08x",
                start,
                structs.end(area),
                guard);
    }

    private void checkPage(Verification report, int area, int index) {
        long virt = structs.start(area) + (long) index * PAGE_SIZE;
        long phys = mmu.lookup(virt);
        if (structs.kind(area) == Kind.IOREMAP) {
            long expected = structs.phys(area) + (long) index * PAGE_SIZE;
            report.check(
                    phys == expected, "vmalloc: 0x%08x is mapped to 0x%x instead of device 0x%x", virt, phys, expected);
            return;
        }
        if (structs.kind(area) != Kind.VMALLOC) {
            report.check(phys >= 0, "vmalloc: 0x%08x of a vmap area is not mapped", virt);
            return;
        }
        int pfn = areas.entry(structs.array(area), index);
        report.check(
                phys == (long) pfn << Profile.PAGE_SHIFT,
                "vmalloc: 0x%08x is mapped to 0x%x, its page is pfn 0x%x",
                virt,
                phys,
                pfn);
        if (floor.frames().isValid(pfn)) {
            report.check(floor.frames().count(pfn) > 0, "vmalloc: pfn 0x%x behind 0x%08x has no reference", pfn, virt);
            report.claim(pfn, 1, "vmalloc");
        }
    }
}

package org.kmemscope.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.UserTables;
import org.kmemscope.api.mmu.UserTables.Entry;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.reclaim.Swap;
import org.kmemscope.api.view.UserAreaView;

/** Work on whole ranges of a process: placing, copying and unmapping them, and counting what is in them. */
final class AddressSpace {
    private static final int SHIFT = Profile.PAGE_SHIFT;
    private static final long PAGE_SIZE = Profile.PAGE_SIZE;

    private final UserRules rules;
    private final PageFrames frames;
    private final Swap swap;
    private final AnonPages pages;

    AddressSpace(Basis basis, AnonPages pages) {
        this.pages = pages;
        rules = basis.rules;
        frames = basis.frames;
        swap = basis.reclaim.swap();
    }

    /** What is done with a page of a process that is in memory. */
    interface PageAction {
        void at(long virt, int pfn);
    }

    /** {@code get_unmapped_area()}; -1 if there is no room. */
    long place(Process process, long size) {
        if (!rules.topDown()) {
            return process.areas.lowestFree(size, rules.mmapBase(), rules.taskSize());
        }
        long start = process.areas.highestFree(size, PAGE_SIZE, rules.mmapBase());
        // as a last resort from the bottom up, beyond the base too
        return start >= 0 ? start : process.areas.lowestFree(size, rules.mmapBase(), rules.taskSize());
    }

    /** The area of an address; a stack grows down to it ({@code expand_stack()}). */
    Optional<Area> areaOf(Process process, long virt) {
        Optional<Area> area = process.areas.at(virt);
        if (area.isPresent() || virt < 0 || virt >= rules.taskSize()) {
            return area;
        }
        long page = virt & -PAGE_SIZE;
        Optional<Area> stack = process.areas
                .behind(virt)
                .filter(next -> next.kind() == Area.Kind.STACK && next.end() - page <= UserRules.MOST_STACK);
        stack.ifPresent(next -> process.areas.moveStart(next, page));
        return stack.flatMap(next -> process.areas.at(virt));
    }

    /** {@code copy_page_range()}: the child has the parent's pages, and neither may write to them. False if there is no memory. */
    boolean copy(Process parent, Process child) {
        UserTables from = parent.tables;
        long end = rules.taskSize();
        for (long virt = from.next(0, end); virt < end; virt = from.next(virt + PAGE_SIZE, end)) {
            if (!child.tables.prepare(virt)) {
                return false;
            }
            // looking for a table may have taken the page away
            Entry entry = from.entry(virt);
            if (entry.slot() != 0) {
                swap.duplicate(entry.slot());
                child.tables.setSwap(virt, entry.slot());
                child.swapped++;
            } else if (entry.present()) {
                if (entry.writable()) {
                    from.setWritable(virt, false);
                }
                child.tables.set(virt, entry.phys(), false, entry.dirty());
                child.tables.testAndClearYoung(virt);
                if (KernelProcesses.isPage(rules, entry)) {
                    pages.share(child, (int) (entry.phys() >>> SHIFT));
                }
            }
        }
        return true;
    }

    /** {@code do_munmap()}: the areas, their pages, and the tables that have nothing to map any more. */
    void unmapAndFree(Process process, long from, long to) {
        unmap(process, from, to);
        long floor = 0;
        long ceiling = rules.taskSize();
        for (Area area : process.areas.all()) {
            if (area.end() <= from) {
                floor = area.end();
            }
            if (area.start() >= to) {
                ceiling = Math.min(ceiling, area.start());
            }
        }
        process.tables.free(floor, ceiling);
    }

    /** The areas and their pages. */
    void unmap(Process process, long from, long to) {
        UserTables tables = process.tables;
        for (Area area : process.areas.remove(from, to)) {
            long virt = tables.next(area.start(), area.end());
            while (virt < area.end()) {
                Entry entry = tables.entry(virt);
                tables.clear(virt);
                if (entry.slot() != 0) {
                    pages.giveSlot(process, entry.slot());
                } else if (KernelProcesses.isPage(rules, entry)) {
                    pages.unshare(process, (int) (entry.phys() >>> SHIFT));
                }
                virt = tables.next(virt + PAGE_SIZE, area.end());
            }
        }
    }

    void eachPage(Process process, PageAction action) {
        UserTables tables = process.tables;
        long end = rules.taskSize();
        for (long virt = tables.next(0, end); virt < end; virt = tables.next(virt + PAGE_SIZE, end)) {
            Entry entry = tables.entry(virt);
            if (KernelProcesses.isPage(rules, entry)) {
                action.at(virt, (int) (entry.phys() >>> SHIFT));
            }
        }
    }

    List<UserAreaView> views(Process process) {
        List<UserAreaView> views = new ArrayList<>();
        for (Area area : process.areas.all()) {
            views.add(new AreaCount(process, area).view());
        }
        return views;
    }

    /** What {@code smaps_pte_range()} adds up. */
    private final class AreaCount {
        private final Process process;
        private final Area area;
        private long resident;
        private long proportional;
        private long proportionalDirty;
        private long sharedClean;
        private long sharedDirty;
        private long privateClean;
        private long privateDirty;
        private long referenced;
        private long swapped;

        AreaCount(Process process, Area area) {
            this.process = process;
            this.area = area;
        }

        UserAreaView view() {
            UserTables tables = process.tables;
            long virt = tables.next(area.start(), area.end());
            while (virt < area.end()) {
                Entry entry = tables.entry(virt);
                if (entry.slot() != 0) {
                    swapped += PAGE_SIZE;
                } else if (KernelProcesses.isPage(rules, entry)) {
                    add(entry);
                }
                virt = tables.next(virt + PAGE_SIZE, area.end());
            }
            return new UserAreaView(
                    area.start(),
                    area.end(),
                    area.writable(),
                    rules.offsetsOfAnonymous() ? area.start() : 0,
                    area.kind().label(),
                    resident,
                    proportional,
                    proportionalDirty,
                    sharedClean,
                    sharedDirty,
                    privateClean,
                    privateDirty,
                    referenced,
                    swapped,
                    process.locked ? proportional : 0);
        }

        private void add(Entry entry) {
            int mappings = frames.mapCount((int) (entry.phys() >>> SHIFT));
            resident += PAGE_SIZE;
            proportional += PAGE_SIZE / mappings;
            proportionalDirty += entry.dirty() ? PAGE_SIZE / mappings : 0;
            referenced += entry.young() ? PAGE_SIZE : 0;
            if (mappings > 1) {
                sharedDirty += entry.dirty() ? PAGE_SIZE : 0;
                sharedClean += entry.dirty() ? 0 : PAGE_SIZE;
            } else {
                privateDirty += entry.dirty() ? PAGE_SIZE : 0;
                privateClean += entry.dirty() ? 0 : PAGE_SIZE;
            }
        }
    }
}

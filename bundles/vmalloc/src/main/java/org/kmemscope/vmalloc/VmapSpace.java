package org.kmemscope.vmalloc;

import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;

/**
 * The address space between {@code VMALLOC_START} and {@code VMALLOC_END}: {@code struct vmap_area}.
 *
 * <pre>
 *              alloc()                free()                    purge()
 *   free  ------------------>  busy  --------->  lazily freed  --------->  free
 *                                                (up to lazyMax pages)
 * </pre>
 *
 * <ol>
 *   <li>A range is taken where the {@link Placement} of the kernel's time finds room. If it finds none, everything freed lazily is
 *       purged and it looks once more.
 *   <li>A freed range is kept back: the TLBs of all CPUs may still know it. {@link Freeing} tells when its page tables are cleared.
 *   <li>When more than {@code lazy_max_pages()} = {@code fls(CPUs)} times 32 MiB are kept back, all are purged: one TLB flush from the
 *       lowest to the highest, then the addresses are free.
 * </ol>
 *
 * <p>Kernels from 5.13 on leave the purge of step 3 to a work queue; here it runs at once, as nothing else could run in between.
 */
final class VmapSpace implements Stateful {
    private static final long LAZY_BYTES = 32L << 20;
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;

    private final ObjectFloor floor;
    private final VmallocRules rules;
    private final Placement placement;
    private final KernelWords words;
    private final Mmu mmu;
    private final Tracepoints trace;
    private final int reclaimMask;
    private final long lazyMax;
    private final RangeList busy = new RangeList();
    private final RangeList lazy = new RangeList();
    private long lazyPages;
    private Runnable fragments = () -> {};

    VmapSpace(ObjectFloor floor, VmallocRules rules, KernelWords words) {
        this.floor = floor;
        this.rules = rules;
        this.words = words;
        placement = rules.newPlacement();
        mmu = floor.mmu();
        trace = floor.trace();
        reclaimMask = floor.gfp().reclaimMask();
        int cpus = floor.profile().cpus();
        lazyMax = (Integer.SIZE - Integer.numberOfLeadingZeros(cpus)) * LAZY_BYTES / PAGE_SIZE;
    }

    /** Who gives up blocks that are fragmented and empty, before a purge. */
    void setFragments(Runnable purgeFragments) {
        fragments = purgeFragments;
    }

    /** Ranges in use; the word is the address of the {@code struct vmap_area}. */
    RangeList busy() {
        return busy;
    }

    /** Ranges freed and not purged. */
    RangeList lazy() {
        return lazy;
    }

    Placement placement() {
        return placement;
    }

    /** {@code lazy_max_pages()}. */
    long lazyMax() {
        return lazyMax;
    }

    // ---- taking

    /**
     * {@code alloc_vmap_area()}.
     *
     * @param size bytes, whole pages, with the guard page
     * @return start, or {@link Placement#NONE}, with the kernel's words in the log
     */
    long alloc(long size, long align, int gfp) {
        ObjectAllocator objects = floor.objects();
        long object = 0;
        if (rules.descriptors().vmapArea() > 0) {
            object = objects.kmalloc(rules.descriptors().vmapArea(), gfp & reclaimMask);
            if (object == 0) {
                return Placement.NONE;
            }
        }
        long from = floor.layout().vmallocStart();
        long to = floor.layout().vmallocEnd();
        long at = placement.take(size, align, from, to);
        if (at == Placement.NONE && rules.freeing() != Freeing.AT_ONCE) {
            purge();
            at = placement.take(size, align, from, to);
        }
        if (trace.on(TracePoint.ALLOC_VMAP_AREA)) {
            trace.fire(
                    TracePoint.ALLOC_VMAP_AREA, Math.max(at, 0), size, align, from, to, at == Placement.NONE ? 1 : 0);
        }
        if (at == Placement.NONE) {
            objects.kfree(object);
            words.noRoom(size, gfp);
            return at;
        }
        busy.add(at, at + size, object);
        return at;
    }

    // ---- giving back

    /** {@code free_unmap_vmap_area()}: the range that starts at an address. */
    void free(long start) {
        int index = busy.startingAt(start);
        long end = busy.end(index);
        long object = busy.value(index);
        busy.remove(index);
        if (rules.freeing() != Freeing.UNMAPPED_AT_PURGE || rules.debugPagealloc()) {
            unmap(start, end);
        }
        if (rules.freeing() == Freeing.AT_ONCE) {
            mmu.flushRange(start, end);
            placement.give(start, end);
            return;
        }
        if (rules.debugPagealloc()) {
            mmu.flushRange(start, end);
        }
        keepBack(start, end, object);
    }

    private void unmap(long start, long end) {
        for (long virt = start; virt < end; virt += PAGE_SIZE) {
            mmu.unmap(virt);
        }
    }

    private void keepBack(long start, long end, long object) {
        lazyPages += (end - start) / PAGE_SIZE;
        addLazy(start, end, object);
        if (trace.on(TracePoint.FREE_VMAP_AREA_NOFLUSH)) {
            trace.fire(TracePoint.FREE_VMAP_AREA_NOFLUSH, start, lazyPages, lazyMax);
        }
        if (lazyPages > lazyMax) {
            purgeLazy(Long.MAX_VALUE, 0, false);
        }
    }

    /** From 5.11 on, freed ranges that touch become one; of the descriptors that are too many, the one of the range before stays. */
    private void addLazy(long start, long end, long object) {
        int before = lazy.endingAbove(start - 1);
        boolean joinsBefore = rules.joinsLazy() && before < lazy.size() && lazy.end(before) == start;
        int behind = joinsBefore ? before + 1 : before;
        boolean joinsBehind = rules.joinsLazy() && behind < lazy.size() && lazy.start(behind) == end;
        if (joinsBehind) {
            floor.objects().kfree(object);
            if (joinsBefore) {
                long newEnd = lazy.end(behind);
                floor.objects().kfree(lazy.value(behind));
                lazy.remove(behind);
                lazy.resize(before, lazy.start(before), newEnd);
            } else {
                lazy.resize(behind, start, lazy.end(behind));
            }
        } else if (joinsBefore) {
            floor.objects().kfree(object);
            lazy.resize(before, lazy.start(before), end);
        } else {
            lazy.add(start, end, object);
        }
    }

    /** {@code purge_vmap_area_lazy()}: everything freed lazily, and blocks that only wait to be filled up. */
    void purge() {
        fragments.run();
        purgeLazy(Long.MAX_VALUE, 0, false);
    }

    /**
     * {@code __purge_vmap_area_lazy()}.
     *
     * @param from flush from here on, or from the lowest freed range if that is lower
     * @param to flush up to here, or to the highest freed range
     * @param flush whether to flush even if nothing is to be purged
     */
    void purgeLazy(long from, long to, boolean flush) {
        int count = lazy.size();
        if (count == 0) {
            if (flush) {
                mmu.flushRange(from, to);
            }
            return;
        }
        ObjectAllocator objects = floor.objects();
        long start = Math.min(from, lazy.start(0));
        long end = Math.max(to, lazy.end(count - 1));
        if (rules.freeing() == Freeing.UNMAPPED_AT_PURGE) {
            for (int i = 0; i < count; i++) {
                unmap(lazy.start(i), lazy.end(i));
            }
        }
        mmu.flushRange(start, end);
        for (int i = 0; i < count; i++) {
            placement.give(lazy.start(i), lazy.end(i));
            objects.kfree(lazy.value(i));
        }
        lazy.clear();
        lazyPages = 0;
        if (trace.on(TracePoint.PURGE_VMAP_AREA_LAZY)) {
            trace.fire(TracePoint.PURGE_VMAP_AREA_LAZY, start, end, count);
        }
    }

    // ---- recorded states

    /** Takes over a recorded range in use. */
    void loadBusy(long start, long end, long object) {
        busy.add(start, end, object);
    }

    /** Takes over a recorded range that was freed and not purged. */
    void loadLazy(long start, long end, long object) {
        lazyPages += (end - start) / PAGE_SIZE;
        lazy.add(start, end, object);
    }

    /** Every range that is not free. */
    RangeList notFree() {
        RangeList all = new RangeList();
        for (int i = 0; i < busy.size(); i++) {
            all.add(busy.start(i), busy.end(i), busy.value(i));
        }
        for (int i = 0; i < lazy.size(); i++) {
            all.add(lazy.start(i), lazy.end(i), lazy.value(i));
        }
        return all;
    }

    @Override
    public void save(StateWriter out) {
        placement.save(out);
        busy.save(out);
        lazy.save(out);
        out.putLong(lazyPages);
    }

    @Override
    public void restore(StateReader in) {
        placement.restore(in);
        busy.restore(in);
        lazy.restore(in);
        lazyPages = in.getLong();
    }
}

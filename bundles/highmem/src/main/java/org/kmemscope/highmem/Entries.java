package org.kmemscope.highmem;

import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;

/** The page table entries of the atomic windows, and the TLB of the CPU that runs: no other ever sees them. */
final class Entries {
    private final Mmu mmu;
    private final Tracepoints trace;
    private final boolean flushesWhenSet;

    Entries(Ground ground, HighmemRules rules) {
        mmu = ground.mmu();
        trace = ground.trace();
        // an entry of ARM may still hold the page before
        flushesWhenSet = rules.arm();
    }

    void set(long virt, int pfn) {
        mmu.setEntry(virt, (long) pfn << Profile.PAGE_SHIFT, Protection.KERNEL);
        if (flushesWhenSet) {
            mmu.flushLocalPage(virt);
        }
    }

    /**
     * Clears an entry.
     *
     * @param flushed the address to forget: that of the entry, unless the caller gave back the wrong window
     */
    void clear(long virt, long flushed) {
        mmu.unmap(virt);
        mmu.flushLocalPage(flushed);
    }

    /** The page an entry leads to, or -1. */
    int page(long virt) {
        long phys = mmu.lookup(virt);
        return phys < 0 ? -1 : (int) (phys >>> Profile.PAGE_SHIFT);
    }

    void traceMap(int pfn, long virt, int window) {
        if (trace.on(TracePoint.KMAP_ATOMIC)) {
            trace.fire(TracePoint.KMAP_ATOMIC, pfn, virt, window);
        }
    }

    void traceUnmap(long virt, int window) {
        if (trace.on(TracePoint.KUNMAP_ATOMIC)) {
            trace.fire(TracePoint.KUNMAP_ATOMIC, virt, window);
        }
    }
}

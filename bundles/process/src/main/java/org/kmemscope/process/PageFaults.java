package org.kmemscope.process;

import org.kmemscope.api.error.TaskKilled;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.UserTables;
import org.kmemscope.api.mmu.UserTables.Entry;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.reclaim.Swap;
import org.kmemscope.api.trace.TracePoint;

/**
 * Page faults of processes ({@code mm/memory.c}).
 *
 * <pre>
 *   entry      read                               write
 *   empty      page of zeros, read-only           new page of zeros
 *   swap       the page comes back                the page comes back, and is written to
 *   read-only  -                                  alone: made writable; else a copy
 *   old        marked accessed                    marked accessed and dirty
 * </pre>
 *
 * <p>While memory is looked for, others run: reclaim may take the very page that is to be copied. Then the entry has changed, and the fault
 * is gone through again.
 */
final class PageFaults {
    private static final int SHIFT = Profile.PAGE_SHIFT;
    private static final long PAGE_SIZE = Profile.PAGE_SIZE;
    private static final int NONE = PageFrames.NONE;
    /** Bits of the error code: the page is there, and it was a write. */
    private static final int PRESENT = 1;

    private static final int WRITE = 2;
    private static final int USER = 4;

    private final Basis basis;
    private final UserRules rules;
    private final PageFrames frames;
    private final Swap swap;
    private final AnonPages pages;
    private final KernelProcesses processes;

    PageFaults(Basis basis, AnonPages pages, KernelProcesses processes) {
        this.basis = basis;
        this.pages = pages;
        this.processes = processes;
        rules = basis.rules;
        frames = basis.frames;
        swap = basis.reclaim.swap();
    }

    /**
     * The physical address behind an address of a process, after as many page faults as it takes.
     *
     * @param area where the address lies
     */
    long resolve(Process process, Area area, long virt, boolean write) {
        while (true) {
            long phys = process.tables.access(virt, write);
            if (phys >= 0) {
                leavesSwap(process, virt, write);
                return phys;
            }
            fault(process, area, virt & -PAGE_SIZE, write);
        }
    }

    /** A write to a page that is in the swap cache: what its slot has is out of date. */
    private void leavesSwap(Process process, long virt, boolean write) {
        int pfn = (int) (process.tables.entry(virt & -PAGE_SIZE).phys() >>> SHIFT);
        if (write && frames.is(pfn, PageFlag.SWAPCACHE)) {
            forgetSlot(pfn);
        }
    }

    private void forgetSlot(int pfn) {
        if (frames.is(pfn, PageFlag.WRITEBACK)) {
            frames.set(pfn, PageFlag.DIRTY);
        } else {
            swap.uncache(pfn);
        }
    }

    /** {@code handle_mm_fault()}. */
    private void fault(Process process, Area area, long page, boolean write) {
        UserTables tables = process.tables;
        Entry entry = tables.entry(page);
        basis.reclaim.countFault(false);
        if (basis.trace.on(TracePoint.PAGE_FAULT_USER)) {
            int code = USER | (write ? WRITE : 0) | (entry.present() ? PRESENT : 0);
            basis.trace.fire(TracePoint.PAGE_FAULT_USER, page, code);
        }
        if (!tables.prepare(page)) {
            throw killed(process);
        }
        // looking for a table may have changed it
        entry = tables.entry(page);
        if (entry.present()) {
            if (write && !entry.writable()) {
                writeToReadOnly(process, page, entry);
            } else {
                tables.markAccessed(page, write);
            }
        } else if (entry.slot() != 0) {
            swapIn(process, page, entry.slot());
        } else if (!write && rules.zeroPage() != NONE) {
            tables.set(page, (long) rules.zeroPage() << SHIFT, false, false);
        } else {
            newPage(process, area, page);
        }
    }

    /** {@code do_anonymous_page()}. */
    private void newPage(Process process, Area area, long page) {
        int pfn = zeroed(process);
        pages.add(process, page, pfn);
        process.tables.set(page, (long) pfn << SHIFT, area.writable(), area.writable());
    }

    private int zeroed(Process process) {
        int pfn = take(process, rules.pageMask());
        if (rules.clearsItself()) {
            basis.floor.ram().fill((long) pfn << SHIFT, PAGE_SIZE, 0);
        }
        return pfn;
    }

    private int take(Process process, int gfp) {
        int pfn = basis.pages.allocPages(gfp, 0);
        if (pfn == NONE) {
            throw killed(process);
        }
        frames.setPrivateData(pfn, 0);
        return pfn;
    }

    private TaskKilled killed(Process process) {
        String line = "VM: killing process " + process.comm;
        basis.floor.log().printk(KernelLog.ERR, line);
        processes.end(process);
        TaskKilled killed = new TaskKilled(line);
        killed.markReported();
        return killed;
    }

    /** {@code do_wp_page()}. */
    private void writeToReadOnly(Process process, long page, Entry entry) {
        int old = (int) (entry.phys() >>> SHIFT);
        if (!rules.isZeroPage(old) && isAlone(old)) {
            if (frames.is(old, PageFlag.SWAPCACHE)) {
                forgetSlot(old);
            }
            process.tables.setWritable(page, true);
            process.tables.markAccessed(page, true);
            return;
        }
        int pfn = rules.isZeroPage(old) ? zeroed(process) : take(process, rules.copyMask());
        if (process.tables.entry(page).phys() != entry.phys()) {
            // it was taken away while memory was looked for
            basis.pages.freePages(pfn, 0);
            return;
        }
        if (basis.trace.on(TracePoint.COW_FAULT)) {
            basis.trace.fire(TracePoint.COW_FAULT, page, old, pfn);
        }
        if (!rules.isZeroPage(old)) {
            basis.floor.ram().copy((long) old << SHIFT, (long) pfn << SHIFT, PAGE_SIZE);
            pages.unshare(process, old);
        }
        pages.add(process, page, pfn);
        process.tables.set(page, (long) pfn << SHIFT, true, true);
    }

    /** {@code reuse_swap_page()}: whether nobody else has the page, mapped or by its slot of swap. */
    private boolean isAlone(int pfn) {
        return frames.mapCount(pfn) == 1 && (!frames.is(pfn, PageFlag.SWAPCACHE) || !pages.hasSlot(pfn));
    }

    /** {@code do_swap_page()}: the page comes back read-only; a write goes on as one to such a page. */
    private void swapIn(Process process, long page, int slot) {
        int pfn = swap.cached(slot);
        if (pfn == NONE) {
            basis.reclaim.countFault(true);
            pfn = take(process, rules.copyMask());
            if (process.tables.entry(page).slot() != slot) {
                throw new IllegalStateException("a slot of swap went while it was read");
            }
            boolean shared = swap.isShared(slot);
            if (shared) {
                swap.readAndKeep(slot, pfn);
                swap.release(slot);
            } else {
                swap.read(slot, pfn);
                frames.setPrivateData(pfn, 0);
            }
            pages.add(process, page, pfn);
        } else {
            if (swap.isShared(slot)) {
                swap.release(slot);
            }
            pages.share(process, pfn);
            basis.reclaim.markAccessed(pfn);
        }
        process.swapped--;
        process.tables.set(page, (long) pfn << SHIFT, false, false);
    }
}

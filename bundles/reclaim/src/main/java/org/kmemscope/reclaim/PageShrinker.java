package org.kmemscope.reclaim;

import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.reclaim.PageOwner;
import org.kmemscope.api.trace.TracePoint;

/**
 * Decides page by page what becomes of pages taken from an inactive list ({@code shrink_page_list}).
 *
 * <ol>
 *   <li>Locked pages stay. Pages that cannot go ({@code mlock}) move to the list of such.
 *   <li>A page being written stays; from 3.11 on it is marked to be freed as soon as it is written, and goes out of the way to the active
 *       list.
 *   <li>A page that was used lately stays or becomes active, see {@link ReclaimRules.Referenced}.
 *   <li>An anonymous page gets a slot in swap: that needs {@code __GFP_IO}; without room it becomes active.
 *   <li>It is taken out of all page tables.
 *   <li>A dirty page is written: of a file, that needs {@code __GFP_FS} and one who may, see {@link ReclaimRules.FileWriters}; to swap,
 *       {@code __GFP_IO}. It stays until the disk is done. Up to 5.17, who is not kswapd does not add to
 *       a congested queue.
 *   <li>A clean page that nothing maps is dropped and freed.
 * </ol>
 */
final class PageShrinker {
    private static final int LOCKED = PageFlag.LOCKED.bit();
    private static final int MLOCKED = PageFlag.MLOCKED.bit();
    private static final int WRITEBACK = PageFlag.WRITEBACK.bit();
    private static final int RECLAIM = PageFlag.RECLAIM.bit();
    private static final int REFERENCED = PageFlag.REFERENCED.bit();
    private static final int ANON = PageFlag.SWAPBACKED.bit();
    private static final int SWAPCACHE = PageFlag.SWAPCACHE.bit();
    private static final int DIRTY = PageFlag.DIRTY.bit();
    private static final int ACTIVE = PageFlag.ACTIVE.bit();
    private static final int OF_OWNER =
            REFERENCED | ANON | ACTIVE | PageFlag.UPTODATE.bit() | PageFlag.UNEVICTABLE.bit() | RECLAIM | MLOCKED;

    private final Basis basis;
    private final PageFrames frames;
    private final DirtyPages dirtyPages;
    private final Disk disk;
    private final SwapArea swap;
    private final ReclaimRules rules;
    private final NodeState node;

    /** What became of the pages of one call. */
    static final class Tally {
        int dirty;
        int unqueuedDirty;
        int congested;
        int writeback;
        int immediate;
        int activated;
        int pageout;
        int reclaimed;
    }

    /** What {@code page_check_references()} says. */
    private enum Use {
        NONE,
        /** Of a file, and used once: it may go if it is clean. */
        CLEAN_ONLY,
        KEEP,
        ACTIVATE
    }

    PageShrinker(Basis basis, DirtyPages dirtyPages, Disk disk, SwapArea swap, NodeState node) {
        this.basis = basis;
        this.dirtyPages = dirtyPages;
        this.disk = disk;
        this.swap = swap;
        this.node = node;
        frames = basis.frames;
        rules = basis.rules;
    }

    /**
     * Looks at pages that are on no list.
     *
     * @param batch the pages; those that stay are in front afterwards, those that shall be active with PG_active
     * @param number how many
     * @return how many stay
     */
    int shrink(int[] batch, int number, ScanControl scan, Tally tally) {
        int kept = 0;
        for (int i = 0; i < number; i++) {
            int pfn = batch[i];
            if (goes(pfn, scan, tally)) {
                free(pfn, scan, tally);
            } else {
                tally.activated += frames.is(pfn, PageFlag.ACTIVE) ? 1 : 0;
                batch[kept++] = pfn;
            }
        }
        basis.counters.add(VmCounters.Event.PGACTIVATE, tally.activated);
        return kept;
    }

    private boolean goes(int pfn, ScanControl scan, Tally tally) {
        int flags = frames.flags(pfn);
        if ((flags & LOCKED) != 0) {
            return false;
        }
        if ((flags & MLOCKED) != 0) {
            cull(pfn);
            return false;
        }
        countDirty(flags, tally);
        if ((flags & WRITEBACK) != 0) {
            return beingWritten(pfn, flags, scan, tally);
        }
        PageOwner owner = basis.owners.of(pfn);
        Use use = use(pfn, owner);
        if (use == Use.ACTIVATE) {
            return activate(pfn);
        }
        if (use == Use.KEEP) {
            return false;
        }
        boolean anon = (flags & ANON) != 0;
        if (anon && (flags & SWAPCACHE) == 0) {
            if (!scan.has(basis.io) || !scan.maySwap) {
                return false;
            }
            if (swap.add(pfn) == 0) {
                return activate(pfn);
            }
        }
        if (frames.mapCount(pfn) > 0 && !owner.unmap(pfn, anon ? frames.privateData(pfn) : 0)) {
            return activate(pfn);
        }
        if (frames.is(pfn, PageFlag.DIRTY)) {
            write(pfn, anon, use, scan, tally);
            return false;
        }
        if (frames.is(pfn, PageFlag.SWAPCACHE)) {
            swap.drop(pfn);
            frames.setMapping(pfn, 0);
            return true;
        }
        return owner.drop(pfn);
    }

    /** {@code folio_check_dirty_writeback()}: what the flusher could do about pages of files. */
    private static void countDirty(int flags, Tally tally) {
        if ((flags & ANON) == 0 && (flags & (DIRTY | WRITEBACK)) != 0) {
            tally.dirty++;
            tally.unqueuedDirty += (flags & WRITEBACK) == 0 ? 1 : 0;
            tally.congested += (flags & (WRITEBACK | RECLAIM)) == (WRITEBACK | RECLAIM) ? 1 : 0;
        }
    }

    private boolean activate(int pfn) {
        frames.set(pfn, PageFlag.ACTIVE);
        return false;
    }

    /** {@code SWAP_MLOCK}: up to 2.6.27 there is no list for it. */
    private void cull(int pfn) {
        if (rules.unevictable()) {
            frames.set(pfn, PageFlag.UNEVICTABLE);
            basis.counters.add(VmCounters.Event.UNEVICTABLE_PGS_CULLED, 1);
        } else {
            activate(pfn);
        }
    }

    private boolean beingWritten(int pfn, int flags, ScanControl scan, Tally tally) {
        if (rules.fileWriters() != ReclaimRules.FileWriters.KSWAPD_AMONG_DIRTY) {
            tally.writeback++;
            return false;
        }
        if (scan.kswapd && (flags & RECLAIM) != 0 && node.muchWriteback) {
            // it came round the whole list before the disk was done with it
            tally.immediate++;
        } else {
            frames.set(pfn, PageFlag.RECLAIM);
            tally.writeback++;
        }
        return activate(pfn);
    }

    private Use use(int pfn, PageOwner owner) {
        int entries = owner.referenced(pfn);
        boolean referenced = frames.is(pfn, PageFlag.REFERENCED);
        boolean file = !frames.is(pfn, PageFlag.SWAPBACKED);
        if (rules.referenced() == ReclaimRules.Referenced.IN_USE) {
            frames.clear(pfn, PageFlag.REFERENCED);
            boolean inUse = frames.mapCount(pfn) > 0 || frames.is(pfn, PageFlag.SWAPCACHE);
            return (referenced || entries > 0) && inUse ? Use.ACTIVATE : Use.NONE;
        }
        frames.clear(pfn, PageFlag.REFERENCED);
        if (entries > 0) {
            if (!file && !rules.anonLooksTwice()) {
                return Use.ACTIVATE;
            }
            frames.set(pfn, PageFlag.REFERENCED);
            return referenced || entries > 1 ? Use.ACTIVATE : Use.KEEP;
        }
        return referenced && file ? Use.CLEAN_ONLY : Use.NONE;
    }

    private void write(int pfn, boolean anon, Use use, ScanControl scan, Tally tally) {
        if (!anon && !mayWriteFiles(pfn, scan)) {
            return;
        }
        boolean mayEnter = scan.has(basis.fs) || anon && scan.has(basis.io);
        boolean congested = rules.heedsCongestion() && disk.congested() && !scan.kswapd;
        if (use == Use.CLEAN_ONLY || !mayEnter || !scan.mayWrite || congested) {
            return;
        }
        if (basis.trace.on(TracePoint.MM_VMSCAN_WRITEPAGE)) {
            basis.trace.fire(TracePoint.MM_VMSCAN_WRITEPAGE, pfn, anon ? 0 : 1);
        }
        basis.counters.add(VmCounters.Event.NR_VMSCAN_WRITE, 1);
        frames.set(pfn, PageFlag.RECLAIM);
        tally.pageout++;
        if (anon) {
            swap.write(pfn);
            frames.clear(pfn, PageFlag.DIRTY);
            disk.submit(pfn);
        } else {
            tally.unqueuedDirty--;
            dirtyPages.write(pfn);
        }
    }

    private boolean mayWriteFiles(int pfn, ScanControl scan) {
        boolean may =
                switch (rules.fileWriters()) {
                    case ALL -> true;
                    case KSWAPD_IN_TROUBLE -> scan.kswapd && scan.priority < rules.priorityReclaim();
                    case KSWAPD_AMONG_DIRTY -> scan.kswapd && frames.is(pfn, PageFlag.RECLAIM) && node.muchDirty;
                };
        if (!may) {
            // to be freed as soon as the flusher has written it
            basis.counters.add(VmCounters.Event.NR_VMSCAN_IMMEDIATE_RECLAIM, 1);
            frames.set(pfn, PageFlag.RECLAIM);
            if (rules.fileWriters() == ReclaimRules.FileWriters.KSWAPD_AMONG_DIRTY) {
                activate(pfn);
            }
        }
        return may;
    }

    private void free(int pfn, ScanControl scan, Tally tally) {
        boolean file = !frames.is(pfn, PageFlag.SWAPBACKED);
        frames.setFlags(pfn, frames.flags(pfn) & ~OF_OWNER);
        frames.setPrivateData(pfn, 0);
        int zone = frames.zone(pfn);
        basis.counters.add(scan.kswapd ? VmCounters.Zoned.PGSTEAL_KSWAPD : VmCounters.Zoned.PGSTEAL_DIRECT, zone, 1);
        basis.counters.add(file ? VmCounters.Event.PGSTEAL_FILE : VmCounters.Event.PGSTEAL_ANON, 1);
        tally.reclaimed++;
        if (rules.coldFrees()) {
            basis.pages.freeCold(pfn);
        } else {
            basis.pages.freePages(pfn, 0);
        }
    }
}

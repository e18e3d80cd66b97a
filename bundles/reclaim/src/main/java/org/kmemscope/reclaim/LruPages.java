package org.kmemscope.reclaim;

import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/** What owners do with their pages on the LRU lists ({@code mm/swap.c}). */
final class LruPages {
    private static final int OF_OWNER = PageFlag.REFERENCED.bit()
            | PageFlag.UPTODATE.bit()
            | PageFlag.ACTIVE.bit()
            | PageFlag.SWAPBACKED.bit()
            | PageFlag.UNEVICTABLE.bit()
            | PageFlag.MLOCKED.bit()
            | PageFlag.RECLAIM.bit();

    private final Basis basis;
    private final PageFrames frames;
    private final LruLists lru;
    private final DirtyPages dirty;
    private final Flusher flusher;

    LruPages(Basis basis, DirtyPages dirty, Flusher flusher) {
        this.basis = basis;
        this.dirty = dirty;
        this.flusher = flusher;
        frames = basis.frames;
        lru = basis.lru;
    }

    void add(int pfn) {
        if (frames.mapping(pfn) == 0 || frames.count(pfn) < 1) {
            throw new IllegalStateException(
                    String.format("pfn 0x%x goes on an LRU list without an owner or a reference", pfn));
        }
        lru.addFirst(pfn);
    }

    /** The owner lets a page go: off its list, without a mapping, clean; the owner's reference is dropped. */
    void give(int pfn) {
        if (lru.contains(pfn)) {
            lru.remove(pfn);
        }
        dirty.clear(pfn);
        if (frames.is(pfn, PageFlag.MLOCKED)) {
            basis.counters.add(VmCounters.Event.UNEVICTABLE_PGS_CLEARED, 1);
        }
        frames.setMapping(pfn, 0);
        frames.setFlags(pfn, frames.flags(pfn) & ~OF_OWNER);
        if (frames.is(pfn, PageFlag.WRITEBACK)) {
            // the disk still reads it; what it was for is over
            frames.setCount(pfn, frames.count(pfn) - 1);
        } else {
            frames.setPrivateData(pfn, 0);
            basis.pages.freePages(pfn, 0);
        }
    }

    /** {@code mark_page_accessed()}. */
    void markAccessed(int pfn) {
        int flags = frames.flags(pfn);
        boolean activates = (flags & PageFlag.REFERENCED.bit()) != 0
                && (flags & (PageFlag.ACTIVE.bit() | PageFlag.UNEVICTABLE.bit())) == 0
                && lru.contains(pfn);
        if (activates) {
            lru.remove(pfn);
            frames.setFlags(pfn, frames.flags(pfn) & ~PageFlag.REFERENCED.bit() | PageFlag.ACTIVE.bit());
            lru.addFirst(pfn);
            basis.counters.add(VmCounters.Event.PGACTIVATE, 1);
        } else {
            frames.set(pfn, PageFlag.REFERENCED);
        }
    }

    void setDirty(int pfn) {
        if (dirty.set(pfn)) {
            flusher.dirtied();
        }
    }

    void mlock(int pfn) {
        if (frames.is(pfn, PageFlag.MLOCKED)) {
            return;
        }
        boolean listed = lru.contains(pfn);
        if (listed) {
            lru.remove(pfn);
        }
        frames.set(pfn, PageFlag.MLOCKED);
        if (basis.rules.unevictable()) {
            frames.setFlags(pfn, frames.flags(pfn) & ~PageFlag.ACTIVE.bit() | PageFlag.UNEVICTABLE.bit());
        }
        basis.counters.add(VmCounters.Event.UNEVICTABLE_PGS_MLOCKED, 1);
        if (listed) {
            lru.addFirst(pfn);
        }
    }

    void munlock(int pfn) {
        if (!frames.is(pfn, PageFlag.MLOCKED)) {
            return;
        }
        boolean listed = lru.contains(pfn);
        if (listed) {
            lru.remove(pfn);
        }
        if (frames.is(pfn, PageFlag.UNEVICTABLE)) {
            basis.counters.add(VmCounters.Event.UNEVICTABLE_PGS_RESCUED, 1);
        }
        frames.setFlags(pfn, frames.flags(pfn) & ~(PageFlag.MLOCKED.bit() | PageFlag.UNEVICTABLE.bit()));
        basis.counters.add(VmCounters.Event.UNEVICTABLE_PGS_MUNLOCKED, 1);
        if (listed) {
            lru.addFirst(pfn);
        }
    }
}

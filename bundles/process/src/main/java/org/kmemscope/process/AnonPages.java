package org.kmemscope.process;

import java.util.List;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.UserTables;
import org.kmemscope.api.mmu.UserTables.Entry;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.reclaim.PageOwner;
import org.kmemscope.api.reclaim.Reclaim;
import org.kmemscope.api.reclaim.Swap;

/**
 * The pages of processes as reclaim sees them ({@code mm/rmap.c}).
 *
 * <p>{@code page->mapping} names the family of processes that may map the page, {@code page->index} the address at which all of them do.
 * {@code page_mapcount()} is the number of page-table entries, and so is the reference count, which is 1 for a page that only the swap cache
 * has, and one more while it is written.
 */
final class AnonPages implements PageOwner {
    private static final int SHIFT = Profile.PAGE_SHIFT;

    private final PageFrames frames;
    private final Reclaim reclaim;
    private final Swap swap;
    private final ProcessList processes;
    private final int owner;

    AnonPages(Basis basis, ProcessList processes) {
        this.processes = processes;
        frames = basis.frames;
        reclaim = basis.reclaim;
        swap = reclaim.swap();
        owner = reclaim.addOwner(this);
    }

    boolean owns(int pfn) {
        return ownerOf(frames.mapping(pfn)) == owner;
    }

    private static int ownerOf(int mapping) {
        return PageOwner.ownerOf(mapping);
    }

    /** A new page of a process, mapped once, on its list. Its entry in the page tables is made by the caller. */
    void add(Process process, long virt, int pfn) {
        frames.setMapping(pfn, PageOwner.mapping(owner, process.family));
        frames.setIndex(pfn, (int) (virt >>> SHIFT));
        frames.setMapCount(pfn, 1);
        frames.setFlags(pfn, frames.flags(pfn) & ~PageFlag.HEAD.bit());
        process.resident++;
        reclaim.lruAddAnon(pfn);
        if (process.locked) {
            reclaim.mlock(pfn);
        }
    }

    /** One more process maps a page. */
    void share(Process process, int pfn) {
        setMapCount(pfn, frames.mapCount(pfn) + 1);
        process.resident++;
        if (process.locked) {
            reclaim.mlock(pfn);
        }
    }

    /** References of those who map a page; the last one is left to the swap cache. */
    static int references(int mapCount) {
        return Math.max(1, mapCount);
    }

    private void setMapCount(int pfn, int count) {
        int others = frames.count(pfn) - references(frames.mapCount(pfn));
        frames.setMapCount(pfn, count);
        frames.setCount(pfn, references(count) + others);
    }

    /** {@code page_remove_rmap()} and {@code put_page()}: a process maps a page no longer. */
    void unshare(Process process, int pfn) {
        process.resident--;
        setMapCount(pfn, frames.mapCount(pfn) - 1);
        if (frames.mapCount(pfn) > 0) {
            return;
        }
        if (frames.is(pfn, PageFlag.SWAPCACHE)) {
            if (swap.isShared(frames.privateData(pfn)) || hasSlot(pfn)) {
                // it stays in the swap cache for those who still have the slot
                return;
            }
            swap.uncache(pfn);
        }
        reclaim.lruRemove(pfn);
    }

    /** Whether a page table has the slot of a page in the swap cache. */
    boolean hasSlot(int pfn) {
        int slot = frames.privateData(pfn);
        int family = PageOwner.keyOf(frames.mapping(pfn));
        long virt = processes.addressOf(pfn);
        return processes.all().stream()
                .filter(process -> process.family == family)
                .anyMatch(process -> process.tables.entry(virt).slot() == slot);
    }

    /** A process gives a slot of swap up: its entry is empty already. */
    void giveSlot(Process process, int slot) {
        process.swapped--;
        if (swap.isShared(slot)) {
            swap.release(slot);
            return;
        }
        int pfn = swap.cached(slot);
        if (pfn == PageFrames.NONE) {
            swap.release(slot);
        } else if (frames.mapCount(pfn) == 0) {
            swap.uncache(pfn);
            reclaim.lruRemove(pfn);
        }
    }

    // ---- as owner

    @Override
    public String describe(int pfn) {
        List<Process> mapping = processes.mapping(pfn);
        String where = String.format("anonymous page at 0x%08x", processes.addressOf(pfn));
        if (mapping.isEmpty()) {
            return where + " that no process maps";
        }
        Process first = mapping.get(0);
        String others = mapping.size() == 1 ? "" : " and " + (mapping.size() - 1) + " more";
        return where + " of " + first.comm + " (pid " + first.pid + ")" + others;
    }

    @Override
    public int referenced(int pfn) {
        long virt = processes.addressOf(pfn);
        int count = 0;
        for (Process process : processes.mapping(pfn)) {
            count += process.tables.testAndClearYoung(virt) ? 1 : 0;
        }
        return count;
    }

    @Override
    public boolean unmap(int pfn, int swapEntry) {
        List<Process> mapping = processes.mapping(pfn);
        if (swapEntry == 0 || mapping.stream().anyMatch(process -> process.locked)) {
            return false;
        }
        boolean counted = hasSlot(pfn);
        for (Process process : mapping) {
            // the table is there, so nothing has to be taken for it
            process.tables.setSwap(processes.addressOf(pfn), swapEntry);
            process.resident--;
            process.swapped++;
            if (counted) {
                swap.duplicate(swapEntry);
            }
            counted = true;
        }
        setMapCount(pfn, 0);
        return true;
    }

    @Override
    public boolean drop(int pfn) {
        // an anonymous page only goes through swap
        return false;
    }

    @Override
    public void write(int pfn) {
        throw new IllegalStateException("an anonymous page is written to swap");
    }

    @Override
    public boolean migrate(int from, int to) {
        long virt = processes.addressOf(from);
        for (Process process : processes.mapping(from)) {
            UserTables tables = process.tables;
            Entry entry = tables.entry(virt);
            tables.set(virt, (long) to << SHIFT, entry.writable(), entry.dirty());
            if (!entry.young()) {
                tables.testAndClearYoung(virt);
            }
        }
        return true;
    }
}

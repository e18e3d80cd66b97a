package org.kmemscope.slob;

import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Blocks of any size from pages: {@code slob_alloc} and {@code slob_free}.
 *
 * <pre>
 *   page of the heap    | live | free ─────────┐ | live | live | free ─────┐ | live |
 *                              └ 40 units, next ┴──────────────→ 6 units, end        firstFree: the first of them
 *                                                                                    units: 46, in struct page
 * </pre>
 *
 * <p>Taking a block:
 *
 * <ol>
 *   <li>The list of pages goes by the size of the block: below 256 bytes, below 1024, the rest (one list for all before 2.6.25).
 *   <li>From the head of the list on, pages with too few free units are passed over.
 *   <li>In a page the first free block wins that has room for the units and for what alignment skips before them. What is skipped stays
 *       a free block of its own, and so does what is left behind.
 *   <li>The list begins with this page from now on, so that the next search does not go through the fuller pages before it again. A page
 *       without a free unit leaves the list.
 *   <li>If no page had room, a new one is taken and put at the head of the list.
 * </ol>
 *
 * <p>Giving one back: a page that is all free is given to the page allocator. A page that had no free unit goes to the head of a list:
 * that of the block's size, but before 2.6.37 always the first one. Otherwise the block is put between its neighbours by address and
 * merged with both (with the one behind it only if it is not the new first, before 2.6.25).
 *
 * <p>Best case one step; a search is linear in the pages of a list and the free blocks of a page.
 *
 * <p>Linux believes what it reads. Here the free blocks of a page must follow each other and end within it, and a block that comes back
 * must end where another block begins, before anything is written; the numbers would lead anywhere else.
 */
final class Heap implements Stateful {
    private static final int NONE = PageAllocator.NONE;
    private static final int PAGE_UNITS = SlobMemory.PAGE_UNITS;
    private static final int SLAB = PageFlag.SLAB.bit();

    private final PageAllocator pages;
    private final PageFrames frames;
    private final AddressLayout layout;
    private final SlobRules rules;
    private final SlobMemory memory;
    private final LiveBlocks blocks;
    private final PageLists lists;
    private final Complaints complaints;
    private final int zeroBit;
    private int pageCount;

    Heap(Basis basis, Complaints complaints) {
        pages = basis.floor().pages();
        frames = basis.floor().frames();
        layout = basis.floor().layout();
        rules = basis.rules();
        memory = basis.memory();
        blocks = basis.blocks();
        lists = basis.lists();
        zeroBit = basis.masks().zero();
        this.complaints = complaints;
    }

    /** Pages of the heap. */
    int pageCount() {
        return pageCount;
    }

    // ---- taking

    /**
     * Takes a block.
     *
     * @param bytes its size, less than a page
     * @param align what its address plus {@code alignedOffset} is a multiple of; a power of two
     * @param kind what it is, see {@link LiveBlocks}
     * @return its address, or 0 if there is no page for it
     */
    long take(int bytes, int gfp, int align, int alignedOffset, int kind) {
        int units = SlobMemory.units(bytes);
        int list = rules.listOf(bytes);
        int pfn = lists.first(list);
        int unit = NONE;
        while (pfn != NONE) {
            int next = lists.next(pfn);
            if (frames.mapCount(pfn) >= units) {
                unit = takeFrom(pfn, units, align, alignedOffset);
                if (unit != NONE) {
                    beginWith(list, pfn, next);
                    break;
                }
            }
            pfn = next;
        }
        if (unit == NONE) {
            pfn = newPage(list, gfp & ~zeroBit);
            if (pfn == NONE) {
                return 0;
            }
            unit = takeFrom(pfn, units, align, alignedOffset);
            if (unit == NONE) {
                releasePage(pfn);
                throw complaints.noRoomInNewPage(bytes, align);
            }
        }
        blocks.set(pfn, unit, kind);
        if (frames.mapCount(pfn) == 0) {
            lists.remove(pfn);
        }
        long block = memory.address(pfn, unit);
        if ((gfp & zeroBit) != 0) {
            memory.fill(block, bytes, 0);
        }
        return block;
    }

    /** The next search begins with the page that served this one; before 5.2 with the one behind it, if it is full now. */
    private void beginWith(int list, int pfn, int next) {
        if (frames.mapCount(pfn) != 0) {
            lists.rotate(list, pfn);
        } else if (rules.beginsBehindFull() && next != NONE && lists.first(list) != pfn) {
            lists.rotate(list, next);
        }
    }

    /** {@code slob_page_alloc()}: first fit in a page; the number of the block's first unit, or NONE. */
    private int takeFrom(int pfn, int units, int align, int alignedOffset) {
        long base = layout.pfnToVirt(pfn) + alignedOffset;
        int before = NONE;
        int unit = blocks.firstFree(pfn);
        while (unit != PAGE_UNITS) {
            checkFree(pfn, unit);
            int free = memory.units(pfn, unit);
            int next = memory.next(pfn, unit);
            long address = base + ((long) unit << SlobMemory.UNIT_SHIFT);
            int skipped = (int) ((address + align - 1 & -(long) align) - address >> SlobMemory.UNIT_SHIFT);
            if (free >= units + skipped) {
                int taken = unit + skipped;
                if (blocks.nextStart(pfn, unit) < unit + free) {
                    throw complaints.liveInFree(pfn, unit);
                }
                carve(pfn, before, unit, free, next, skipped, units);
                return taken;
            }
            before = unit;
            unit = next;
        }
        return NONE;
    }

    /** Cuts a block out of a free one: what is skipped before it and what is left behind it stay free. */
    private void carve(int pfn, int before, int unit, int free, int next, int skipped, int units) {
        int left = free - skipped - units;
        int behind = next;
        if (left > 0) {
            behind = unit + skipped + units;
            memory.setFree(pfn, behind, left, next);
        }
        if (skipped > 0) {
            memory.setFree(pfn, unit, skipped, behind);
        } else {
            linkBehind(pfn, before, behind);
        }
        frames.setMapCount(pfn, frames.mapCount(pfn) - units);
    }

    private void linkBehind(int pfn, int before, int next) {
        if (before == NONE) {
            blocks.setFirstFree(pfn, next);
        } else {
            memory.setFree(pfn, before, memory.units(pfn, before), next);
        }
    }

    // ---- giving back

    /**
     * Gives a block back.
     *
     * @throws KernelBug if it cannot be that long, or a free block of its page is overwritten; nothing has changed then
     */
    void give(int pfn, int unit, int bytes) {
        int units = SlobMemory.units(bytes);
        int before = NONE;
        int next = blocks.firstFree(pfn);
        while (next < unit) {
            checkFree(pfn, next);
            before = next;
            next = memory.next(pfn, next);
        }
        if (next != PAGE_UNITS) {
            checkFree(pfn, next);
        }
        int end = unit + units;
        int nextLive = blocks.nextStart(pfn, unit + 1);
        boolean fits = units > 0 && (end == next || end == nextLive) && end <= next && end <= nextLive;
        if (!fits) {
            throw complaints.wrongLength(pfn, unit, bytes);
        }
        if (before != NONE && before + memory.units(pfn, before) > unit) {
            throw complaints.brokenChain(pfn, before);
        }
        blocks.remove(pfn, unit);
        int free = frames.mapCount(pfn) + units;
        if (free == PAGE_UNITS) {
            releasePage(pfn);
            return;
        }
        boolean wasFull = !lists.holds(pfn);
        frames.setMapCount(pfn, free);
        merge(pfn, before, unit, units, next);
        if (wasFull) {
            lists.addFirst(rules.ownListOnFirstFree() ? rules.listOf(bytes) : 0, pfn);
        }
    }

    /** Sees that what begins at a unit can be a free block: it ends before the next one, and that is in the page. */
    private void checkFree(int pfn, int unit) {
        int next = memory.next(pfn, unit);
        if (unit + memory.units(pfn, unit) > next || next > PAGE_UNITS) {
            throw complaints.brokenChain(pfn, unit);
        }
    }

    private void merge(int pfn, int before, int unit, int units, int next) {
        int merged = units;
        int following = next;
        if (next != PAGE_UNITS && unit + units == next && (before != NONE || rules.mergesNewFirst())) {
            merged += memory.units(pfn, next);
            following = memory.next(pfn, next);
        }
        if (before != NONE && before + memory.units(pfn, before) == unit) {
            memory.setFree(pfn, before, memory.units(pfn, before) + merged, following);
        } else {
            memory.setFree(pfn, unit, merged, following);
            linkBehind(pfn, before, unit);
        }
    }

    // ---- pages

    private int newPage(int list, int gfp) {
        int pfn = pages.allocPages(gfp, 0);
        if (pfn == NONE) {
            return NONE;
        }
        frames.setFlags(pfn, frames.flags(pfn) | SLAB);
        frames.setMapCount(pfn, PAGE_UNITS);
        blocks.addPage(pfn);
        blocks.setFirstFree(pfn, 0);
        memory.setFree(pfn, 0, PAGE_UNITS, PAGE_UNITS);
        lists.addFirst(list, pfn);
        pageCount++;
        return pfn;
    }

    private void releasePage(int pfn) {
        forgetPage(pfn);
        pages.freePages(pfn, 0);
    }

    /** Takes every mark of the heap off a page. */
    void forgetPage(int pfn) {
        if (lists.holds(pfn)) {
            lists.remove(pfn);
        }
        frames.setFlags(pfn, frames.flags(pfn) & ~SLAB);
        // Linux: reset_page_mapcount(), as the units lie where the count of mappings does
        frames.setMapCount(pfn, 0);
        blocks.removePage(pfn);
        pageCount--;
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(pageCount);
    }

    @Override
    public void restore(StateReader in) {
        pageCount = in.getInt();
    }
}

package org.kmemscope.zone;

import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;

/**
 * How pages come back ({@code __free_pages}, {@code free_unref_page}): a reference is dropped; with the last one the block is checked
 * and goes to the CPU's lists, or to the free areas if its order is none of theirs.
 */
final class FreePath {
    private static final int KEPT_FLAGS = PageFlag.RESERVED.bit() | PageFlag.HOLE.bit();
    /** Flags a page must not have when it is freed ({@code PAGE_FLAGS_CHECK_AT_FREE}). */
    private static final int FREE_CHECK = PageFlag.LRU.bit()
            | PageFlag.LOCKED.bit()
            | PageFlag.WRITEBACK.bit()
            | PageFlag.SLAB.bit()
            | PageFlag.HANDED_OVER.bit()
            | PageFlag.ACTIVE.bit()
            | PageFlag.RESERVED.bit()
            | PageFlag.UNEVICTABLE.bit()
            | PageFlag.TABLE.bit();

    private final ZonedPageAllocator allocator;
    private final PageFrames frames;
    private final ExecutionContext context;
    private final Tracepoints trace;
    private final BadPage badPage;

    FreePath(ZonedPageAllocator allocator, Reports reports) {
        this.allocator = allocator;
        this.frames = allocator.frames;
        this.context = allocator.ground.context();
        this.trace = allocator.ground.trace();
        badPage = new BadPage(allocator, reports);
    }

    void freePages(int pfn, int order) {
        if (dropReference(pfn, order)) {
            freeBlock(pfn, order, false);
        }
    }

    /** {@code free_hot_cold_page()}. */
    void freeCold(int pfn) {
        if (dropReference(pfn, 0)) {
            freeBlock(pfn, 0, true);
        }
    }

    /** Whether it was the last, so that the block is to be freed. */
    private boolean dropReference(int pfn, int order) {
        int count = frames.count(pfn);
        if (count <= 0) {
            throw badPage.report(
                    pfn,
                    count - 1,
                    "nonzero _refcount",
                    frames.is(pfn, PageFlag.TAIL) ? "it is a tail of a compound page" : "it is free already");
        }
        int flags = frames.flags(pfn);
        boolean head = (flags & PageFlag.HEAD.bit()) != 0;
        if (count == 1) {
            checkFree(pfn, flags, head, order);
            frames.setCount(pfn, 0);
            return true;
        }
        frames.setCount(pfn, count - 1);
        if (!head) {
            // somebody still holds the first page; the others go, largest block first
            for (int o = order - 1; o >= 0; o--) {
                freeBlock(pfn + (1 << o), o, false);
            }
            frames.setPrivateData(pfn, 0);
        }
        return false;
    }

    private void checkFree(int pfn, int flags, boolean head, int order) {
        if ((flags & FREE_CHECK) != 0) {
            throw badPage.report(
                    pfn,
                    0,
                    "PAGE_FLAGS_CHECK_AT_FREE flag(s) set",
                    "flags that must not be set at free: " + PageFlag.of(flags & FREE_CHECK));
        }
        if (frames.mapping(pfn) != 0) {
            throw bad(pfn, "non-NULL mapping");
        }
        if (frames.mapCount(pfn) != 0) {
            throw bad(pfn, "nonzero mapcount");
        }
        if (order < 0 || order >= allocator.rules.maxOrder() || (pfn & (1 << order) - 1) != 0) {
            throw bad(pfn, "it cannot be the start of a block of order " + order);
        }
        int held = frames.privateData(pfn);
        if (head && held != order || order > held) {
            throw bad(pfn, "freed with order " + order + ", but allocated with order " + held);
        }
        for (int page = pfn + 1; order > 0 && page < pfn + (1 << order); page++) {
            if (frames.mapping(page) != 0) {
                throw bad(page, head ? "corrupted mapping in tail page" : "non-NULL mapping");
            }
            if (head && !frames.is(page, PageFlag.TAIL)) {
                throw bad(page, "PageTail not set");
            }
            if (head && frames.privateData(page) != pfn) {
                throw bad(page, "compound_head not consistent");
            }
        }
    }

    private KernelBug bad(int pfn, String reason) {
        return badPage.report(pfn, 0, reason, reason);
    }

    /** Gives a block whose count is 0 back: to the CPU's lists, or to the free areas. */
    void freeBlock(int pfn, int order, boolean cold) {
        int flags = frames.flags(pfn);
        if ((flags & (PageFlag.HEAD.bit() | PageFlag.RECLAIMABLE.bit())) != 0) {
            for (int page = pfn + 1; page < pfn + (1 << order); page++) {
                frames.setFlags(page, frames.flags(page) & KEPT_FLAGS);
                frames.setPrivateData(page, 0);
            }
        }
        frames.setFlags(pfn, flags & KEPT_FLAGS);
        frames.setOwner(pfn, 0);
        if (trace.on(TracePoint.MM_PAGE_FREE)) {
            trace.fire(TracePoint.MM_PAGE_FREE, pfn, order);
        }
        Zone zone = allocator.zones[frames.zone(pfn)];
        allocator.events().freed(order);
        if (zone.perCpu.holds(order)) {
            zone.perCpu.put(context.cpu(), pfn, order, cold);
        } else {
            int type = frames.blockType(pfn);
            zone.addFree(context.cpu(), 1 << order, type);
            zone.areas.put(pfn, order, type);
        }
    }

    void splitPage(int pfn, int order) {
        if (frames.is(pfn, PageFlag.HEAD)) {
            throw new KernelBug(
                    "kernel BUG at mm/page_alloc.c: split_page() of a compound page, pfn " + Integer.toHexString(pfn));
        }
        if (frames.count(pfn) <= 0 || frames.privateData(pfn) != order) {
            throw new KernelBug(String.format(
                    "kernel BUG at mm/page_alloc.c: split_page() of pfn %x, which is no block of order %d",
                    pfn, order));
        }
        int owner = frames.owner(pfn);
        for (int page = pfn; page < pfn + (1 << order); page++) {
            frames.setCount(page, 1);
            frames.setPrivateData(page, 0);
            frames.setOwner(page, owner);
        }
    }
}

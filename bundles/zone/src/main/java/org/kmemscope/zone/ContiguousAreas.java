package org.kmemscope.zone;

import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/**
 * Areas for contiguous memory ({@code mm/cma.c}): pageblocks of type CMA, whose free pages count as free but only serve movable
 * requests, until somebody asks for a piece of the area itself.
 */
final class ContiguousAreas {
    private ContiguousAreas() {}

    static void add(ZonedPageAllocator allocator, int startPfn, int endPfn) {
        PageFrames frames = allocator.frames;
        int type = allocator.rules.cmaType();
        int block = 1 << frames.pageblockOrder();
        if (type < 0) {
            throw new IllegalArgumentException("this kernel has no CMA (CONFIG_CMA)");
        }
        if (startPfn % block != 0 || endPfn % block != 0) {
            throw new IllegalArgumentException(String.format(
                    "CMA area 0x%x-0x%x is not in whole pageblocks of %d pages", startPfn, endPfn, block));
        }
        int order = Math.min(frames.pageblockOrder(), allocator.rules.maxOrder() - 1);
        for (int pfn = startPfn; pfn < endPfn; pfn += block) {
            frames.setBlockType(pfn, type);
            Zone zone = allocator.zones[frames.zone(pfn)];
            for (int frame = pfn; frame < pfn + block; frame++) {
                frames.clear(frame, PageFlag.RESERVED);
                frames.setCount(frame, 0);
            }
            zone.managed += allocator.rules.adjustsManaged() ? block : 0;
            zone.cma += block;
            for (int piece = pfn; piece < pfn + block; piece += 1 << order) {
                zone.addFree(0, 1 << order, type);
                zone.areas.put(piece, order, type);
            }
        }
    }

    /** Frames are free if they lie in a block on a free list; those on per-CPU lists are drained first. */
    static int take(ZonedPageAllocator allocator, int startPfn, int endPfn, int pages, int alignOrder) {
        allocator.drainAllPages();
        int align = 1 << alignOrder;
        int pfn = (startPfn + align - 1) & -align;
        while (pfn + pages <= endPfn) {
            int busy = firstBusy(allocator, pfn, pages);
            if (busy == PageFrames.NONE) {
                isolate(allocator, pfn, pages);
                return pfn;
            }
            pfn = (busy + align) & -align;
        }
        return PageFrames.NONE;
    }

    private static int firstBusy(ZonedPageAllocator allocator, int pfn, int pages) {
        int at = pfn;
        while (at < pfn + pages) {
            int head = freeBlockOf(allocator, at);
            if (head == PageFrames.NONE) {
                return at;
            }
            at = head + (1 << allocator.frames.buddyOrder(head));
        }
        return PageFrames.NONE;
    }

    private static int freeBlockOf(ZonedPageAllocator allocator, int pfn) {
        PageFrames frames = allocator.frames;
        for (int order = 0; order < allocator.rules.maxOrder(); order++) {
            int head = pfn & -(1 << order);
            if (!frames.isValid(head)) {
                return PageFrames.NONE;
            }
            if (frames.is(head, PageFlag.BUDDY)) {
                return frames.buddyOrder(head) >= order ? head : PageFrames.NONE;
            }
        }
        return PageFrames.NONE;
    }

    /** {@code alloc_contig_range()}: whole free blocks leave the lists, what sticks out at both ends goes back. */
    private static void isolate(ZonedPageAllocator allocator, int pfn, int pages) {
        PageFrames frames = allocator.frames;
        int end = pfn + pages;
        int at = pfn;
        while (at < end) {
            int head = freeBlockOf(allocator, at);
            Zone zone = allocator.zones[frames.zone(head)];
            int order = frames.buddyOrder(head);
            int type = frames.blockType(head);
            zone.areas.remove(head);
            zone.addFree(allocator.ground.context().cpu(), -(1 << order), type);
            int blockEnd = head + (1 << order);
            for (int frame = head; frame < blockEnd; frame++) {
                boolean wanted = frame >= pfn && frame < end;
                frames.setCount(frame, wanted ? 1 : 0);
                frames.setPrivateData(frame, 0);
                if (wanted) {
                    frames.setOwner(frame, allocator.ground.context().callSite());
                } else {
                    zone.addFree(allocator.ground.context().cpu(), 1, type);
                    zone.areas.put(frame, 0, type);
                }
            }
            at = blockEnd;
        }
    }

    static void give(ZonedPageAllocator allocator, int pfn, int pages) {
        for (int frame = pfn; frame < pfn + pages; frame++) {
            allocator.freePages(frame, 0);
        }
    }
}

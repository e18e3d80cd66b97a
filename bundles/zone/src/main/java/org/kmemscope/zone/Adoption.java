package org.kmemscope.zone;

import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/**
 * Serves requests from frames in use by somebody unknown, lowest first: those that a loaded state neither lists as free nor boot has
 * reserved. Each zone is walked once.
 */
final class Adoption {
    private static final int NOT_UNKNOWN = PageFlag.BUDDY.bit()
            | PageFlag.PCP.bit()
            | PageFlag.RESERVED.bit()
            | PageFlag.HOLE.bit()
            | PageFlag.TABLE.bit()
            | PageFlag.SLAB.bit()
            | PageFlag.HANDED_OVER.bit()
            | PageFlag.LRU.bit();

    private static final int COMPOUND = PageFlag.HEAD.bit() | PageFlag.TAIL.bit();

    private final ZonedPageAllocator allocator;
    private final PageFrames frames;
    private final int[] next;

    Adoption(ZonedPageAllocator allocator) {
        this.allocator = allocator;
        this.frames = allocator.frames;
        next = new int[allocator.zones.length];
        for (Zone zone : allocator.zones) {
            next[zone.index] = zone.startPfn;
        }
    }

    int take(int[] zonelist, int order) {
        int size = 1 << order;
        for (int index : zonelist) {
            Zone zone = allocator.zones[index];
            for (int pfn = (next[index] + size - 1) & -size; pfn + size <= zone.endPfn; pfn += size) {
                if (unknown(pfn, size) && !isContiguous(pfn)) {
                    next[index] = order == 0 ? pfn + 1 : next[index];
                    for (int frame = pfn; frame < pfn + size; frame++) {
                        frames.setCount(frame, 0);
                    }
                    return pfn;
                }
            }
        }
        return PageFrames.NONE;
    }

    /** A block that is freed before boot is over, such as a first slab: somebody unknown has it again, and the loaded lists stay as they are. */
    void giveBack(int pfn, int order) {
        for (int frame = pfn; frame < pfn + (1 << order); frame++) {
            frames.setFlags(frame, frames.flags(frame) & ~COMPOUND);
            frames.setPrivateData(frame, 0);
            frames.setOwner(frame, 0);
            frames.setCount(frame, 1);
        }
    }

    /** Adjacent frames of a contiguous area. */
    int takeRange(int startPfn, int endPfn, int pages, int alignOrder) {
        int align = 1 << alignOrder;
        for (int pfn = (startPfn + align - 1) & -align; pfn + pages <= endPfn; pfn += align) {
            if (unknown(pfn, pages)) {
                for (int frame = pfn; frame < pfn + pages; frame++) {
                    frames.setOwner(frame, allocator.ground.context().callSite());
                }
                return pfn;
            }
        }
        return PageFrames.NONE;
    }

    /** Only {@link #takeRange} may have frames of a contiguous area. */
    private boolean isContiguous(int pfn) {
        return allocator.rules.cmaType() >= 0 && frames.blockType(pfn) == allocator.rules.cmaType();
    }

    private boolean unknown(int pfn, int size) {
        for (int frame = pfn; frame < pfn + size; frame++) {
            boolean inUse = (frames.flags(frame) & NOT_UNKNOWN) == 0 && frames.count(frame) == 1;
            if (!inUse || frames.owner(frame) != 0) {
                return false;
            }
        }
        return true;
    }
}

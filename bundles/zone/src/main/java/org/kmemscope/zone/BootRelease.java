package org.kmemscope.zone;

import org.kmemscope.api.phys.PageFrames;

/**
 * How boot gives memory to the allocator ({@code memblock_free_all}, {@code free_all_bootmem}): ascending, in the largest aligned
 * blocks. Low memory of 5.10 and later goes to the tails of the lists, so that it is handed out from below; everything else to the
 * heads, so that the highest block is handed out first. High memory is freed page by page by the architecture, which comes to the
 * same as blocks to the head.
 */
final class BootRelease {
    private BootRelease() {}

    static void release(ZonedPageAllocator allocator, int startPfn, int endPfn) {
        PageFrames frames = allocator.frames;
        int pfn = startPfn;
        while (pfn < endPfn) {
            Zone zone = allocator.zones[frames.zone(pfn)];
            int end = Math.min(endPfn, zone.endPfn);
            int order = Math.min(allocator.rules.maxOrder() - 1, Integer.numberOfTrailingZeros(pfn));
            while (pfn + (1 << order) > end) {
                order--;
            }
            int type = frames.blockType(pfn);
            zone.managed += 1 << order;
            zone.addFree(0, 1 << order, type);
            if (allocator.rules.bootFreesToTail() && !zone.highmem) {
                zone.areas.putLast(pfn, order, type);
            } else {
                zone.areas.put(pfn, order, type);
            }
            pfn += 1 << order;
        }
    }
}

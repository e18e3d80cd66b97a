package org.kmemscope.zone;

import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/**
 * What boot does once the watermarks are known.
 *
 * <p>Migrate types are kept apart only if there are enough pageblocks ({@code build_all_zonelists}). Up to 4.3, a few movable
 * pageblocks of each zone become MIGRATE_RESERVE ({@code setup_zone_migrate_reserve}): as many as the min watermark needs, at most
 * two; a block whose first page is never free does not do, and from 3.0 on none with any such page.
 */
final class BootReserve {
    private static final int MOST_BLOCKS = 2;

    private BootReserve() {}

    static void apply(ZonedPageAllocator allocator) {
        PageFrames frames = allocator.frames;
        int block = 1 << frames.pageblockOrder();
        int types = allocator.ground.gfp().migrateTypes().count();
        boolean grouping = allocator.totalPages() >= (long) block * types;
        for (Zone zone : allocator.zones) {
            zone.grouping = grouping;
            if (allocator.rules.reserveType() >= 0 && zone.populated()) {
                reserve(allocator, zone);
            }
        }
    }

    private static void reserve(ZonedPageAllocator allocator, Zone zone) {
        PageFrames frames = allocator.frames;
        int size = 1 << frames.pageblockOrder();
        long wanted = Math.min(MOST_BLOCKS, (zone.min + size - 1) / size);
        for (int pfn = zone.startPfn; pfn < zone.endPfn && wanted > 0; pfn = (pfn & -size) + size) {
            int end = Math.min((pfn & -size) + size, zone.endPfn);
            boolean movable = frames.blockType(pfn) == allocator.rules.movableType();
            if (movable && !isReserved(allocator, pfn, end)) {
                frames.setBlockType(pfn, allocator.rules.reserveType());
                zone.areas.moveBlock(pfn, allocator.rules.reserveType());
                wanted--;
            }
        }
    }

    private static boolean isReserved(ZonedPageAllocator allocator, int pfn, int end) {
        int last = allocator.rules.reserveLooksAtAllPages() ? end : pfn + 1;
        for (int page = pfn; page < last; page++) {
            if (allocator.frames.is(page, PageFlag.RESERVED)) {
                return true;
            }
        }
        return false;
    }
}

package org.kmemscope.zone;

import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.page.ZoneControl;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/** How full the zones are, and what reclaim, compaction and kswapd change in them. */
final class ZoneLevels implements ZoneControl {
    private final ZonedPageAllocator allocator;
    private final Zone[] zones;
    private final PageFrames frames;

    ZoneLevels(ZonedPageAllocator allocator) {
        this.allocator = allocator;
        zones = allocator.zones;
        frames = allocator.frames;
    }

    @Override
    public int zoneCount() {
        return zones.length;
    }

    @Override
    public boolean isManaged(int zone) {
        return zones[zone].managed > 0;
    }

    @Override
    public long managed(int zone) {
        return zones[zone].managed;
    }

    @Override
    public long free(int zone) {
        return zones[zone].free;
    }

    @Override
    public long exactFree(int zone) {
        return zones[zone].exactFree();
    }

    @Override
    public long frees(int zone) {
        return zones[zone].frees;
    }

    @Override
    public long pagesFreed() {
        return allocator.events().freedPages();
    }

    @Override
    public long mark(int zone, Mark mark) {
        return zones[zone].mark(
                switch (mark) {
                    case MIN -> AllocFlags.WMARK_MIN;
                    case LOW -> AllocFlags.WMARK_LOW;
                    case HIGH -> AllocFlags.WMARK_HIGH;
                });
    }

    @Override
    public long markOf(int zone, int allocFlags) {
        return zones[zone].mark(allocFlags);
    }

    @Override
    public long boost(int zone) {
        return zones[zone].boost;
    }

    @Override
    public void lowerBoost(int zone, long pages) {
        zones[zone].boost = Math.max(0, zones[zone].boost - pages);
    }

    @Override
    public long reserve(int zone, int highestZone) {
        return zones[zone].reserve[highestZone];
    }

    @Override
    public boolean watermarkOk(int zone, int order, long mark, int highestZone, int allocFlags) {
        return allocator.check.ok(zones[zone], order, mark, highestZone, allocFlags);
    }

    @Override
    public boolean watermarkOk(int zone, int order, long mark, int highestZone, int allocFlags, long freePages) {
        return allocator.check.ok(zones[zone], order, mark, highestZone, allocFlags, freePages);
    }

    @Override
    public int cmaFlag() {
        return AllocFlags.CMA;
    }

    @Override
    public int freeBlocks(int zone, int order) {
        return zones[zone].areas.count(order);
    }

    @Override
    public boolean hasBlockFor(int zone, int order, int migratetype) {
        ZoneRules rules = allocator.rules;
        int half = frames.pageblockOrder() / 2;
        for (int current = order; current < rules.maxOrder(); current++) {
            if (zones[zone].areas.count(current) == 0) {
                continue;
            }
            if (zones[zone].areas.count(current, migratetype) > 0) {
                return true;
            }
            boolean movable = migratetype == rules.movableType();
            if (movable && rules.cmaType() >= 0 && zones[zone].areas.count(current, rules.cmaType()) > 0) {
                return true;
            }
            boolean mayClaim = !movable || current >= half;
            for (int type = 0; mayClaim && type < MigrateTypes.PCPTYPES; type++) {
                if (zones[zone].areas.count(current, type) > 0) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public int startPfn(int zone) {
        return zones[zone].startPfn;
    }

    @Override
    public int endPfn(int zone) {
        return zones[zone].endPfn;
    }

    @Override
    public void setReclaimActive(int zone, boolean active) {
        zones[zone].reclaimActive = active && allocator.rules.modern();
    }

    @Override
    public void drainLocal(int zone) {
        zones[zone].perCpu.drain(allocator.context.cpu());
    }

    @Override
    public int isolateFree(int pfn) {
        if (!frames.is(pfn, PageFlag.BUDDY)) {
            throw new IllegalArgumentException(String.format("pfn 0x%x is not the start of a free block", pfn));
        }
        Zone zone = zones[frames.zone(pfn)];
        int order = frames.buddyOrder(pfn);
        long mark = zone.min + (1L << order);
        if (!allocator.check.ok(zone, 0, mark, 0, AllocFlags.CMA)) {
            return -1;
        }
        int type = frames.blockType(pfn);
        zone.areas.remove(pfn);
        zone.addFree(allocator.context.cpu(), -(1 << order), type);
        for (int page = pfn; page < pfn + (1 << order); page++) {
            frames.setCount(page, 1);
            frames.setPrivateData(page, 0);
        }
        claimLargeBlock(pfn, order);
        return order;
    }

    /** A block of almost a pageblock becomes movable, as movable pages will lie in it. */
    private void claimLargeBlock(int pfn, int order) {
        int blockOrder = frames.pageblockOrder();
        if (order < blockOrder - 1) {
            return;
        }
        for (int page = pfn; page < pfn + (1 << order); page += 1 << blockOrder) {
            int type = frames.blockType(page);
            if (!allocator.rules.isSpecialType(type)) {
                frames.setBlockType(page, allocator.rules.movableType());
            }
        }
    }
}

package org.kmemscope.zone;

import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;

/**
 * Walks a zonelist for a block ({@code get_page_from_freelist}): the first zone whose free pages stay above the watermark and the
 * reserve serves the request, from the CPU's lists or from the free areas.
 *
 * <p>Pages that will be written to ({@code __GFP_WRITE}) do not come from a zone that is full of dirty pages, if it can be helped.
 */
final class ZonelistWalk {
    private static final int NONE = PageList.NONE;
    /** A zone keeps at most one of so many pages for high-order atomic requests, and one pageblock. */
    private static final int HIGHATOMIC_PART = 100;

    private final ZonedPageAllocator allocator;
    private final Zone[] zones;
    private final PageFrames frames;
    private final WatermarkCheck check;
    private final ExecutionContext context;
    private final Tracepoints trace;
    private final int highatomicType;

    ZonelistWalk(ZonedPageAllocator allocator) {
        this.allocator = allocator;
        zones = allocator.zones;
        frames = allocator.frames;
        check = allocator.check;
        context = allocator.context;
        trace = allocator.ground.trace();
        highatomicType = allocator.rules.highatomicType();
    }

    /**
     * Takes a block.
     *
     * @param flags {@link AllocFlags}
     * @return pfn, or {@link PageList#NONE}
     */
    int take(int order, int highest, int type, int flags) {
        int[] list = allocator.zonelists[highest];
        for (int i = 0; i < list.length; i++) {
            Zone zone = zones[list[i]];
            if ((flags & AllocFlags.SPREAD_DIRTY) != 0 && !allocator.reclaimer.dirtyOk(zone.index)) {
                continue;
            }
            if ((flags & AllocFlags.NO_WATERMARKS) == 0) {
                boolean ok = check.fast(zone, order, highest, flags);
                if (trace.on(TracePoint.ZONE_WATERMARK)) {
                    traceWatermark(zone, order, highest, flags, ok);
                }
                if (!ok) {
                    continue;
                }
            }
            int pfn = fromZone(zone, order, type, flags);
            if (pfn != NONE) {
                if (order > 0 && (flags & AllocFlags.HIGHATOMIC) != 0) {
                    reserveHighatomic(zone, pfn);
                }
                allocator.events().allocated(zone.index, order);
                return pfn;
            }
        }
        return NONE;
    }

    private void traceWatermark(Zone zone, int order, int highest, int flags, boolean ok) {
        trace.fire(
                TracePoint.ZONE_WATERMARK,
                zone.index,
                order,
                check.usable(zone, order, flags),
                check.reduced(zone.mark(flags), flags),
                zone.reserve[highest],
                flags,
                ok ? 1 : 0,
                0);
    }

    /** {@code rmqueue()}. */
    private int fromZone(Zone zone, int order, int type, int flags) {
        zone.requestFlags = flags;
        int pfn = NONE;
        if (zone.perCpu.holds(order)) {
            pfn = zone.perCpu.take(context.cpu(), order, type, flags);
            if (pfn != NONE && trace.on(TracePoint.PCP_TAKE)) {
                trace.fire(TracePoint.PCP_TAKE, pfn, order, type, zone.perCpu.count(context.cpu()));
            }
        }
        if (pfn == NONE) {
            pfn = fromFreeAreas(zone, order, type, flags);
        }
        if ((flags & AllocFlags.KSWAPD) != 0 && zone.boosted) {
            zone.boosted = false;
            allocator.reclaimer.wakeKswapd(zone.index, 0, zone.index, 0);
        }
        return pfn;
    }

    /** {@code rmqueue_buddy()}. */
    private int fromFreeAreas(Zone zone, int order, int type, int flags) {
        int pfn = NONE;
        if ((flags & AllocFlags.HIGHATOMIC) != 0) {
            pfn = zone.areas.takeOfType(order, highatomicType);
        }
        if (pfn == NONE) {
            pfn = zone.areas.take(order, type, (flags & AllocFlags.CMA) != 0);
        }
        if (pfn == NONE && highatomicType >= 0 && (flags & (AllocFlags.OOM | AllocFlags.NON_BLOCK)) != 0) {
            pfn = zone.areas.takeOfType(order, highatomicType);
        }
        if (pfn != NONE) {
            if (trace.on(TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED)) {
                trace.fire(TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED, pfn, order, type, 0);
            }
            zone.addFree(context.cpu(), -(1 << order), frames.privateData(pfn));
        }
        return pfn;
    }

    /** {@code reserve_highatomic_pageblock()}: keeps the pageblock for such requests, up to a hundredth of the zone. */
    private void reserveHighatomic(Zone zone, int pfn) {
        int block = 1 << frames.pageblockOrder();
        if (zone.highatomic >= zone.managed / HIGHATOMIC_PART + block) {
            return;
        }
        if (frames.blockType(pfn) < highatomicType) {
            zone.highatomic += block;
            frames.setBlockType(pfn, highatomicType);
            zone.areas.moveBlock(pfn, highatomicType);
            if (trace.on(TracePoint.HIGHATOMIC_RESERVE)) {
                trace.fire(TracePoint.HIGHATOMIC_RESERVE, pfn, zone.highatomic);
            }
        }
    }

    /**
     * {@code unreserve_highatomic_pageblock()}: gives a reserved pageblock to the type of a request that would else fail.
     *
     * @param force also the last block of a zone
     * @return whether free pages came of it
     */
    boolean unreserveHighatomic(int highest, int type, boolean force) {
        if (highatomicType < 0) {
            return false;
        }
        int block = 1 << frames.pageblockOrder();
        for (int index : allocator.zonelists[highest]) {
            Zone zone = zones[index];
            if (!force && zone.highatomic <= block) {
                continue;
            }
            for (int order = 0; order < allocator.rules.maxOrder(); order++) {
                int pfn = zone.areas.first(order, highatomicType);
                if (pfn == NONE) {
                    continue;
                }
                if (frames.blockType(pfn) == highatomicType) {
                    zone.highatomic -= Math.min(block, zone.highatomic);
                }
                frames.setBlockType(pfn, type);
                if (trace.on(TracePoint.HIGHATOMIC_UNRESERVE)) {
                    trace.fire(TracePoint.HIGHATOMIC_UNRESERVE, pfn, zone.highatomic);
                }
                if (zone.areas.moveBlock(pfn, type) > 0) {
                    return true;
                }
            }
        }
        return false;
    }
}

package org.kmemscope.bitmap;

import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;
import org.kmemscope.api.zone.FreeAreaHost;
import org.kmemscope.api.zone.FreeAreas;

/**
 * Free areas as bits, one map for each migrate type, and best fit over them. No Linux has it; it stands where the buddy allocator does,
 * to show what another choice would do to fragmentation.
 *
 * <pre>
 *   movable      ░░░░████░█░░░░░░██████████████░░░░      order 0 is served from the run of one, order 1 from the run of four,
 *   unmovable    ██░░░░░░░░░░░░░░░░░░░░░░░░░░░░░██       order 3 from the long one
 * </pre>
 *
 * <p>Taking: 1. CMA first, if that is most of what is free and the request may have it. 2. Best fit among the frames of the wanted type,
 * see {@link BestFit}. 3. CMA, if the request may. 4. The longest run of another type, the best type that has one: see {@link #foreign}.
 * 5. MIGRATE_RESERVE, where the kernel has it.
 *
 * <p>Giving back sets bits. As the frames must be seen as blocks ({@link BlockMarks}), a block merges with its buddy as long as that is a
 * block of the same order, and the frames of both are of the type of the one that came last; from the size of a pageblock on only the types
 * that requests are for mix. So blocks are as large as they can be, and {@code buddyinfo} counts what a buddy allocator would.
 */
final class BitmapFreeAreas implements FreeAreas {
    private final PageFrames frames;
    private final Tracepoints trace;
    private final FreeAreaHost host;
    private final TypeOrder types;
    private final FrameBitmap[] free;
    private final BlockMarks blocks;
    private final int startPfn;
    private final int endPfn;
    private final int maxOrder;
    private final int pageblockOrder;

    BitmapFreeAreas(Ground ground, FreeAreaHost host, int maxOrder) {
        this.host = host;
        this.maxOrder = maxOrder;
        frames = ground.frames();
        trace = ground.trace();
        types = TypeOrder.of(ground.gfp().migrateTypes());
        startPfn = host.startPfn();
        endPfn = host.endPfn();
        pageblockOrder = frames.pageblockOrder();
        blocks = new BlockMarks(frames, startPfn, endPfn, maxOrder, types.count());
        free = new FrameBitmap[types.count()];
        for (int type = 0; type < free.length; type++) {
            free[type] = new FrameBitmap(startPfn, endPfn);
        }
    }

    @Override
    public String name() {
        return BitmapProvider.NAME;
    }

    @Override
    public int maxOrder() {
        return maxOrder;
    }

    // ---- taking

    @Override
    public int take(int order, int migratetype, boolean cma) {
        boolean mayCma = cma && types.cma() >= 0;
        int pfn = mayCma && host.cmaFirst() ? takeOfType(order, types.cma()) : NONE;
        if (pfn == NONE) {
            pfn = takeOfType(order, migratetype);
        }
        if (pfn == NONE && mayCma) {
            pfn = takeOfType(order, types.cma());
        }
        if (pfn == NONE) {
            pfn = foreign(order, migratetype);
        }
        if (pfn == NONE && types.reserve() >= 0) {
            pfn = takeOfType(order, types.reserve());
        }
        return pfn;
    }

    @Override
    public int takeOfType(int order, int migratetype) {
        if (!hasBlock(order, migratetype)) {
            return NONE;
        }
        int pfn = BestFit.shortest(free[migratetype], startPfn, endPfn, order);
        cut(pfn, order, migratetype);
        return pfn;
    }

    /**
     * Serves a request from frames of another type, so that mixing stays rare: from the longest run there is. If at least half of its
     * pageblock is free, or the request is for a whole one, the pageblock gets the wanted type, and its free frames with it.
     */
    private int foreign(int order, int wanted) {
        for (int from : types.others()[wanted]) {
            if (!hasBlock(order, from)) {
                continue;
            }
            int pfn = BestFit.longest(free[from], startPfn, endPfn, order);
            int fallbackOrder = blocks.orderOf(blocks.blockOf(pfn));
            boolean claimed = claim(pfn, order, wanted);
            cut(pfn, order, claimed ? wanted : from);
            frames.setPrivateData(pfn, wanted);
            host.fellBack(pfn, order, fallbackOrder, wanted, from, claimed);
            return pfn;
        }
        return NONE;
    }

    private boolean claim(int pfn, int order, int wanted) {
        int size = 1 << pageblockOrder;
        if (order < pageblockOrder) {
            host.boostWatermark();
        }
        boolean claimed = false;
        for (int block = pfn & -size; block < pfn + (1 << order); block += size) {
            boolean inside = block >= startPfn && block + size <= endPfn;
            boolean mostlyFree = inside && freeIn(block, block + size) >= size / 2;
            if (mostlyFree || inside && host.mobilityGroupingDisabled()) {
                frames.setBlockType(block, wanted);
                moveBlock(block, wanted);
                claimed = true;
            }
        }
        return claimed;
    }

    /** Free frames of the types that requests are for. */
    private int freeIn(int fromPfn, int toPfn) {
        int count = 0;
        for (int type = 0; type < free.length; type++) {
            count += types.others()[type].length > 0 ? free[type].count(fromPfn, toPfn) : 0;
        }
        return count;
    }

    /** Takes a block out of the free blocks it lies in; what is left of them stays free. */
    private void cut(int pfn, int order, int type) {
        int head = blocks.blockOf(pfn);
        int headOrder = blocks.orderOf(head);
        for (int at = head; at < pfn + (1 << order); ) {
            int size = 1 << blocks.orderOf(at);
            blocks.unmark(at);
            at += size;
        }
        free[type].clear(pfn, 1 << order);
        for (int left = headOrder - 1; left >= order; left--) {
            // the half that the block is not in
            int half = (pfn & -(1 << left)) ^ 1 << left;
            blocks.mark(half, left, type);
            if (trace.on(TracePoint.BUDDY_SPLIT)) {
                trace.fire(TracePoint.BUDDY_SPLIT, half, left, type);
            }
        }
        frames.setPrivateData(pfn, type);
    }

    // ---- giving back

    @Override
    public void put(int pfn, int order, int migratetype) {
        free[migratetype].set(pfn, 1 << order);
        merge(pfn, order, migratetype, false);
    }

    /** Marks free frames as a block, together with its buddies as long as they are free. */
    private void merge(int pfn, int order, int migratetype, boolean sameTypeOnly) {
        int merged = pfn;
        int mergedOrder = order;
        while (mergedOrder < maxOrder - 1) {
            int buddy = merged ^ 1 << mergedOrder;
            if (!blocks.isBlock(buddy, mergedOrder)) {
                break;
            }
            int type = blocks.typeOf(buddy);
            if (type != migratetype && (sameTypeOnly || mergedOrder >= pageblockOrder && !mix(type, migratetype))) {
                break;
            }
            if (trace.on(TracePoint.BUDDY_MERGE)) {
                trace.fire(TracePoint.BUDDY_MERGE, merged, buddy, mergedOrder);
            }
            blocks.unmark(buddy);
            free[type].clear(buddy, 1 << mergedOrder);
            free[migratetype].set(buddy, 1 << mergedOrder);
            merged &= buddy;
            mergedOrder++;
        }
        blocks.mark(merged, mergedOrder, migratetype);
    }

    /** Whether whole pageblocks of two types may be one block: those that requests are for. */
    private boolean mix(int one, int other) {
        return types.others()[one].length > 0 && types.others()[other].length > 0;
    }

    /** There is no tail: frames are where they are. */
    @Override
    public void putLast(int pfn, int order, int migratetype) {
        put(pfn, order, migratetype);
    }

    // ---- pageblocks

    /** As in Linux, a pageblock that ends outside of the zone stays as it is. Blocks that are larger are split at its ends. */
    @Override
    public int moveBlock(int pfn, int migratetype) {
        int start = Math.max(pfn & -(1 << pageblockOrder), startPfn);
        int end = (pfn & -(1 << pageblockOrder)) + (1 << pageblockOrder);
        if (end > endPfn) {
            return 0;
        }
        int moved = 0;
        for (int type = 0; type < free.length; type++) {
            for (int at = free[type].nextSet(start); at < end; ) {
                int order = Math.min(blocks.orderOf(blocks.blockOf(at)), pageblockOrder);
                if (type != migratetype) {
                    cut(at, order, type);
                    free[migratetype].set(at, 1 << order);
                    merge(at, order, migratetype, true);
                }
                moved += 1 << order;
                at = free[type].nextSet(at + (1 << order));
            }
        }
        return moved;
    }

    @Override
    public void remove(int pfn) {
        free[blocks.typeOf(pfn)].clear(pfn, 1 << blocks.orderOf(pfn));
        blocks.unmark(pfn);
    }

    // ---- looking

    @Override
    public int count(int order) {
        return blocks.count(order);
    }

    @Override
    public int count(int order, int migratetype) {
        return blocks.count(order, migratetype);
    }

    @Override
    public boolean hasBlock(int order, int migratetype) {
        for (int current = order; current < maxOrder; current++) {
            if (blocks.count(current, migratetype) > 0) {
                return true;
            }
        }
        return false;
    }

    /** Lists are by address. */
    @Override
    public int first(int order, int migratetype) {
        return blocks.first(free[migratetype], order, migratetype);
    }

    @Override
    public int nextBlock(int pfn) {
        int order = blocks.orderOf(pfn);
        return blocks.next(free[blocks.typeOf(pfn)], pfn + (1 << order), order);
    }

    @Override
    public void append(int pfn, int order, int migratetype) {
        free[migratetype].set(pfn, 1 << order);
        blocks.mark(pfn, order, migratetype);
    }

    @Override
    public void clear() {
        for (FrameBitmap map : free) {
            for (int pfn = map.nextSet(startPfn); pfn < endPfn; ) {
                int size = 1 << blocks.orderOf(pfn);
                blocks.unmark(pfn);
                pfn = map.nextSet(pfn + size);
            }
            map.clearAll();
        }
        blocks.clear();
    }

    @Override
    public void verify(Verification report) {
        int[] found = new int[maxOrder];
        for (int type = 0; type < free.length; type++) {
            int[] ofType = new int[maxOrder];
            for (int pfn = free[type].nextSet(startPfn); pfn < endPfn; ) {
                int order = verifyBlock(pfn, type, report);
                ofType[order]++;
                pfn = free[type].nextSet(pfn + (1 << order));
            }
            for (int order = 0; order < maxOrder; order++) {
                found[order] += ofType[order];
                report.check(
                        ofType[order] == blocks.count(order, type),
                        "zone %d: order %d, type %d counts %d free blocks, there are %d",
                        host.zoneIndex(),
                        order,
                        type,
                        blocks.count(order, type),
                        ofType[order]);
            }
        }
        for (int order = 0; order < maxOrder; order++) {
            report.check(
                    found[order] == blocks.count(order),
                    "zone %d: order %d counts %d free blocks, there are %d",
                    host.zoneIndex(),
                    order,
                    blocks.count(order),
                    found[order]);
        }
    }

    /** Checks the block that must begin with a free frame; its order, or 0 if none does. */
    private int verifyBlock(int pfn, int type, Verification report) {
        int order = blocks.isBlock(pfn) ? blocks.orderOf(pfn) : 0;
        boolean marked = blocks.isBlock(pfn)
                && blocks.typeOf(pfn) == type
                && order < maxOrder
                && pfn % (1 << order) == 0
                && free[type].nextClear(pfn) >= pfn + (1 << order);
        report.check(
                marked,
                "zone %d: frame 0x%x is free with type %d, but no such block begins there",
                host.zoneIndex(),
                pfn,
                type);
        if (!marked) {
            return 0;
        }
        report.check(frames.count(pfn) == 0, "free block 0x%x has a reference count of %d", pfn, frames.count(pfn));
        report.claim(pfn, 1 << order, "free");
        return order;
    }

    @Override
    public void save(StateWriter out) {
        for (FrameBitmap map : free) {
            map.save(out);
        }
        blocks.save(out);
    }

    @Override
    public void restore(StateReader in) {
        for (FrameBitmap map : free) {
            map.restore(in);
        }
        blocks.restore(in);
    }
}

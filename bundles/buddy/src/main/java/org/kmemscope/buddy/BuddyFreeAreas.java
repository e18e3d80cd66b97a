package org.kmemscope.buddy;

import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;
import org.kmemscope.api.zone.FreeAreaHost;
import org.kmemscope.api.zone.FreeAreas;

/**
 * The buddy allocator of one zone.
 *
 * <p>Terms: a <em>block</em> of order o is {@code 2^o} frames whose first pfn is a multiple of {@code 2^o}; its <em>buddy</em> is the
 * block at {@code pfn xor 2^o}; the two make the block at {@code pfn and not 2^o} of order o + 1. A <em>pageblock</em> is a block of
 * {@code pageblock_order}, and has a migrate type.
 *
 * <pre>
 *   request of order 0 from a block of order 2:      ┌──────────────┐
 *                                                    │      2       │ taken from the head of its list
 *   upper halves go back, largest first              ├──────┬───┬───┤
 *   to the head of their lists                       │ ret. │ 0 │ 1 │   (lower half is kept at each split)
 * </pre>
 *
 * <p>Taking ({@code __rmqueue}): 1. CMA first, if that is most of what is free and the request may have it. 2. The smallest block that
 * is large enough, of the wanted type, from the head. 3. CMA, if the request may. 4. Fallback: a block of another type, the largest
 * first, see {@link Fallback}.
 *
 * <p>Giving back ({@code __free_one_page}): merge with the buddy while that is a free block of the same order in the same zone. Where
 * the result goes, head or tail, is an era's rule, see {@link BuddyRules}.
 */
final class BuddyFreeAreas implements FreeAreas {
    private final PageFrames frames;
    private final Tracepoints trace;
    private final FreeAreaHost host;
    private final BuddyRules rules;
    private final FreeLists lists;
    private final Fallback fallback;
    private final int maxOrder;
    private final int pageblockOrder;

    BuddyFreeAreas(PageFrames frames, Tracepoints trace, FreeAreaHost host, BuddyRules rules, int maxOrder) {
        this.frames = frames;
        this.trace = trace;
        this.host = host;
        this.rules = rules;
        this.maxOrder = maxOrder;
        this.pageblockOrder = frames.pageblockOrder();
        this.lists = new FreeLists(frames, maxOrder, rules.fallbacks().length);
        this.fallback = new Fallback(frames, host, rules, lists, this);
    }

    @Override
    public String name() {
        return BuddyProvider.NAME;
    }

    @Override
    public int maxOrder() {
        return maxOrder;
    }

    // ---- taking

    @Override
    public int take(int order, int migratetype, boolean cma) {
        boolean tryCma = cma && rules.cma() >= 0 && !rules.cmaInFallback();
        if (tryCma && host.cmaFirst()) {
            int pfn = takeOfType(order, rules.cma());
            if (pfn != NONE) {
                return pfn;
            }
        }
        int pfn = takeOfType(order, migratetype);
        if (pfn == NONE && tryCma) {
            pfn = takeOfType(order, rules.cma());
        }
        return pfn != NONE ? pfn : fallback.take(order, migratetype);
    }

    @Override
    public int takeOfType(int order, int migratetype) {
        for (int current = order; current < maxOrder; current++) {
            int pfn = lists.first(current, migratetype);
            if (pfn != NONE) {
                lists.remove(pfn);
                expand(pfn, order, current, migratetype);
                return pfn;
            }
        }
        return NONE;
    }

    /** Splits a block that is on no list: the lower half stays, each upper half goes to the head of its order's list. */
    void expand(int pfn, int low, int high, int migratetype) {
        for (int order = high - 1; order >= low; order--) {
            lists.addFirst(pfn + (1 << order), order, migratetype);
            if (trace.on(TracePoint.BUDDY_SPLIT)) {
                trace.fire(TracePoint.BUDDY_SPLIT, pfn + (1 << order), order, migratetype);
            }
        }
        frames.setPrivateData(pfn, migratetype);
    }

    // ---- giving back

    @Override
    public void put(int pfn, int order, int migratetype) {
        merge(pfn, order, migratetype, false);
    }

    @Override
    public void putLast(int pfn, int order, int migratetype) {
        merge(pfn, order, migratetype, true);
    }

    private void merge(int freed, int freedOrder, int migratetype, boolean last) {
        int pfn = freed;
        int order = freedOrder;
        while (order < maxOrder - 1) {
            int buddy = pfn ^ 1 << order;
            if (!isFreeBlock(buddy, order) || order >= pageblockOrder && typesForbid(buddy, migratetype)) {
                break;
            }
            if (trace.on(TracePoint.BUDDY_MERGE)) {
                trace.fire(TracePoint.BUDDY_MERGE, pfn, buddy, order);
            }
            lists.remove(buddy);
            pfn &= buddy;
            order++;
        }
        if (last || rules.tailWhenMergeLikely() && mergeLikely(pfn, order)) {
            lists.addLast(pfn, order, migratetype);
        } else {
            lists.addFirst(pfn, order, migratetype);
        }
    }

    private boolean isFreeBlock(int pfn, int order) {
        return pfn >= host.startPfn() && pfn < host.endPfn() && lists.isFree(pfn) && lists.orderOf(pfn) == order;
    }

    /** {@code migratetype_is_mergeable()}: large blocks of isolated, CMA or HIGHATOMIC pageblocks stay apart from others. */
    private boolean typesForbid(int buddy, int migratetype) {
        if (!rules.typeBarrier()) {
            return false;
        }
        int buddyType = frames.blockType(buddy);
        return migratetype != buddyType && (migratetype > rules.mergeable() || buddyType > rules.mergeable());
    }

    /** {@code buddy_merge_likely()}: the buddy of the block this one would next be part of is free. */
    private boolean mergeLikely(int pfn, int order) {
        if (order >= maxOrder - 2) {
            return false;
        }
        int higher = pfn & ~(1 << order);
        return isFreeBlock(higher ^ 1 << (order + 1), order + 1);
    }

    // ---- pageblocks

    @Override
    public int moveBlock(int pfn, int migratetype) {
        return fallback.moveBlock(pfn, migratetype);
    }

    @Override
    public void remove(int pfn) {
        lists.remove(pfn);
    }

    // ---- looking

    @Override
    public int count(int order) {
        return lists.count(order);
    }

    @Override
    public int count(int order, int migratetype) {
        return lists.count(order, migratetype);
    }

    @Override
    public boolean hasBlock(int order, int migratetype) {
        for (int current = order; current < maxOrder; current++) {
            if (!lists.isEmpty(current, migratetype)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public int first(int order, int migratetype) {
        return lists.first(order, migratetype);
    }

    @Override
    public int nextBlock(int pfn) {
        return lists.next(pfn);
    }

    @Override
    public void append(int pfn, int order, int migratetype) {
        lists.addLast(pfn, order, migratetype);
    }

    @Override
    public void clear() {
        lists.clear();
    }

    @Override
    public void verify(Verification report) {
        for (int order = 0; order < maxOrder; order++) {
            int ofOrder = 0;
            for (int type = 0; type < lists.types(); type++) {
                ofOrder += verifyList(order, type, report);
            }
            report.check(
                    ofOrder == lists.count(order),
                    "zone %d: order %d counts %d free blocks, its lists hold %d",
                    host.zoneIndex(),
                    order,
                    lists.count(order),
                    ofOrder);
        }
    }

    private int verifyList(int order, int type, Verification report) {
        int length = 0;
        int prev = NONE;
        for (int pfn = lists.first(order, type); pfn != NONE; pfn = lists.next(pfn)) {
            boolean inside = pfn >= host.startPfn() && pfn + (1 << order) <= host.endPfn() && pfn % (1 << order) == 0;
            report.check(
                    inside && lists.isFree(pfn) && lists.orderOf(pfn) == order && lists.typeOf(pfn) == type,
                    "zone %d: block 0x%x is on the free list of order %d, type %d, but is not such a block",
                    host.zoneIndex(),
                    pfn,
                    order,
                    type);
            report.check(frames.prev(pfn) == prev, "free block 0x%x: its prev link is broken", pfn);
            report.check(frames.count(pfn) == 0, "free block 0x%x has a reference count of %d", pfn, frames.count(pfn));
            if (inside) {
                report.claim(pfn, 1 << order, "free");
                int buddy = pfn ^ 1 << order;
                boolean apart = order >= maxOrder - 1
                        || !isFreeBlock(buddy, order)
                        || order >= pageblockOrder && frames.blockType(buddy) != frames.blockType(pfn);
                report.check(apart, "free buddies 0x%x and 0x%x of order %d are not merged", pfn, buddy, order);
            }
            prev = pfn;
            if (!inside || ++length > lists.count(order)) {
                break;
            }
        }
        return length;
    }

    @Override
    public void save(StateWriter out) {
        lists.save(out);
    }

    @Override
    public void restore(StateReader in) {
        lists.restore(in);
    }
}

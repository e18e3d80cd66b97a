package org.kmemscope.buddy;

import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.zone.FreeAreaHost;

/**
 * Serving a request from pageblocks of another type ({@code __rmqueue_fallback}), so that mixing types stays rare: the largest block
 * of another type is taken, and where much of its pageblock is free, the pageblock is claimed for the wanted type.
 *
 * <ol>
 *   <li>From the largest order down, the first type in the table of fallbacks that has a block.
 *   <li>Whether the rest of its pageblock may be claimed: always for blocks of half a pageblock's order and more, and for
 *       unmovable and reclaimable requests; a movable request can live with a few pages among others (since 4.x it then takes the
 *       smallest block instead).
 *   <li>Claimed free blocks change lists; the pageblock changes its type if enough of it was free (or, since 4.x, compatible).
 * </ol>
 */
final class Fallback {
    private static final int NONE = PageFrames.NONE;
    private static final int MOVABLE_PAGE = PageFlag.LRU.bit() | PageFlag.MOVABLE.bit();

    private final PageFrames frames;
    private final FreeAreaHost host;
    private final BuddyRules rules;
    private final FreeLists lists;
    private final BuddyFreeAreas areas;
    private final int pageblockOrder;
    private final int movable;
    private final int reclaimable;
    private final int unmovable;

    Fallback(PageFrames frames, FreeAreaHost host, BuddyRules rules, FreeLists lists, BuddyFreeAreas areas) {
        this.frames = frames;
        this.host = host;
        this.rules = rules;
        this.lists = lists;
        this.areas = areas;
        this.pageblockOrder = frames.pageblockOrder();
        this.movable = rules.movable();
        this.reclaimable = rules.reclaimable();
        this.unmovable = rules.unmovable();
    }

    int take(int order, int wanted) {
        int pfn = rules.claims() == BuddyRules.Claims.BEFORE_RETRY
                ? takeAfterClaim(order, wanted)
                : takeAtOnce(order, wanted);
        if (pfn == NONE && rules.reserve() >= 0) {
            pfn = areas.takeOfType(order, rules.reserve());
        }
        return pfn;
    }

    /** The type of a block of this order that may serve a request, or -1. */
    private int typeFor(int order, int wanted) {
        int[] types = rules.fallbacks()[wanted];
        for (int i = 0; i < types.length; i++) {
            if (!lists.isEmpty(order, types[i])) {
                return types[i];
            }
        }
        return -1;
    }

    // ---- 2.6 and 3.x

    private int takeAtOnce(int order, int wanted) {
        for (int current = areas.maxOrder() - 1; current >= order; current--) {
            int from = typeFor(current, wanted);
            if (from < 0) {
                continue;
            }
            int pfn = lists.first(current, from);
            int left = from;
            boolean claimed = false;
            boolean cma = from == rules.cma();
            if (!cma && (current >= pageblockOrder / 2 || wanted == reclaimable || host.mobilityGroupingDisabled())) {
                int moved = moveBlock(pfn, wanted);
                if (moved >= 1 << (pageblockOrder - 1) || host.mobilityGroupingDisabled()) {
                    frames.setBlockType(pfn, wanted);
                    claimed = true;
                }
                left = wanted;
            }
            lists.remove(pfn);
            if (current >= pageblockOrder && !cma) {
                setTypes(pfn, current, wanted);
                claimed = true;
            }
            areas.expand(pfn, order, current, left);
            host.fellBack(pfn, order, current, wanted, from, claimed);
            frames.setPrivateData(pfn, cma ? from : wanted);
            return pfn;
        }
        return NONE;
    }

    // ---- 4.x and later

    private int takeAfterClaim(int order, int wanted) {
        while (claim(order, wanted)) {
            int pfn = areas.takeOfType(order, wanted);
            if (pfn != NONE) {
                return pfn;
            }
        }
        return NONE;
    }

    /** Makes a block of another type one of the wanted type; false if there is none. */
    private boolean claim(int order, int wanted) {
        for (int current = areas.maxOrder() - 1; current >= order; current--) {
            int from = typeFor(current, wanted);
            if (from < 0) {
                continue;
            }
            boolean whole = mayClaim(current, wanted);
            int at = current;
            if (!whole && wanted == movable && current > order) {
                // the request cannot have the pageblock, so it takes as little of it as there is
                at = order;
                while (typeFor(at, wanted) < 0) {
                    at++;
                }
                from = typeFor(at, wanted);
                whole = mayClaim(at, wanted);
            }
            int pfn = lists.first(at, from);
            boolean claimed = steal(pfn, at, wanted, whole);
            host.fellBack(pfn, order, at, wanted, from, claimed);
            return true;
        }
        return false;
    }

    /** {@code can_steal_fallback()}. */
    private boolean mayClaim(int order, int wanted) {
        return order >= pageblockOrder / 2
                || wanted == reclaimable
                || wanted == unmovable
                || host.mobilityGroupingDisabled();
    }

    /** {@code steal_suitable_fallback()}: whether the pageblock has the wanted type afterwards. */
    private boolean steal(int pfn, int order, int wanted, boolean whole) {
        int oldType = frames.blockType(pfn);
        if (oldType == rules.highatomic() && oldType >= 0) {
            move(pfn, wanted);
            return false;
        }
        if (order >= pageblockOrder) {
            setTypes(pfn, order, wanted);
            move(pfn, wanted);
            return true;
        }
        host.boostWatermark();
        int start = blockStart(pfn);
        int end = start + (1 << pageblockOrder);
        int from = start < host.startPfn() ? pfn : start;
        if (!whole || end > host.endPfn()) {
            move(pfn, wanted);
            return frames.blockType(pfn) == wanted;
        }
        int movablePages = wanted == movable || oldType == movable ? countMovable(from, end) : 0;
        int free = moveBlock(pfn, wanted);
        int alike = 0;
        if (wanted == movable) {
            alike = movablePages;
        } else if (oldType == movable) {
            // what is neither free nor movable must be of the kind that is asked for now
            alike = (1 << pageblockOrder) - free - movablePages;
        }
        if (free + alike >= 1 << (pageblockOrder - 1) || host.mobilityGroupingDisabled()) {
            frames.setBlockType(pfn, wanted);
            return true;
        }
        return oldType == wanted;
    }

    private int countMovable(int from, int end) {
        int movablePages = 0;
        for (int pfn = from; pfn < end; ) {
            if (lists.isFree(pfn)) {
                pfn += 1 << lists.orderOf(pfn);
            } else {
                movablePages += (frames.flags(pfn) & MOVABLE_PAGE) != 0 ? 1 : 0;
                pfn++;
            }
        }
        return movablePages;
    }

    // ---- both

    /** {@code move_freepages_block()}: pages moved; 0 if the pageblock does not end within the zone. */
    int moveBlock(int pfn, int type) {
        int start = blockStart(pfn);
        int end = start + (1 << pageblockOrder);
        if (end > host.endPfn()) {
            return 0;
        }
        int moved = 0;
        int at = start < host.startPfn() ? pfn : start;
        while (at < end) {
            if (lists.isFree(at)) {
                int order = lists.orderOf(at);
                move(at, type);
                moved += 1 << order;
                at += 1 << order;
            } else {
                at++;
            }
        }
        return moved;
    }

    private void move(int pfn, int type) {
        int order = lists.orderOf(pfn);
        lists.remove(pfn);
        if (rules.movesToTail()) {
            lists.addLast(pfn, order, type);
        } else {
            lists.addFirst(pfn, order, type);
        }
    }

    private int blockStart(int pfn) {
        return pfn & -(1 << pageblockOrder);
    }

    /** {@code change_pageblock_range()}. */
    private void setTypes(int pfn, int order, int type) {
        for (int at = pfn; at < pfn + (1 << order); at += 1 << pageblockOrder) {
            frames.setBlockType(at, type);
        }
    }
}

package org.kmemscope.capture.report;

import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.ZoneType;

/**
 * What a mask and an order ask for.
 *
 * @param order the order
 * @param highest the highest zone it may use
 * @param high it may use the emergency reserve ({@code __GFP_HIGH})
 * @param nonBlocking it cannot wait for memory to be freed
 * @param mayWait it can
 * @param movable its pages can be moved, so that it may have CMA pages
 */
record Request(int order, ZoneType highest, boolean high, boolean nonBlocking, boolean mayWait, boolean movable) {
    /** Reads a mask. */
    static Request of(GfpTable table, int mask, int order) {
        boolean mayWait = table.maySleep(mask);
        boolean noReserves = (mask & table.orZero(Gfp.__GFP_NOMEMALLOC)) != 0;
        int type = table.migrateType(mask);
        boolean movable =
                type < table.migrateTypes().count() && table.migrateTypes().type(type) == MigrateType.MOVABLE;
        return new Request(
                order,
                table.zone(mask),
                (mask & table.orZero(Gfp.__GFP_HIGH)) != 0,
                !mayWait && !noReserves,
                mayWait,
                movable);
    }

    Request withOrder(int other) {
        return new Request(other, highest, high, nonBlocking, mayWait, movable);
    }

    Request withHighest(ZoneType other) {
        return new Request(order, other, high, nonBlocking, mayWait, movable);
    }

    Request movablePages() {
        return new Request(order, highest, high, nonBlocking, mayWait, true);
    }

    Request atomic() {
        return new Request(order, highest, true, true, false, movable);
    }

    /** Pages of the request. */
    long pages() {
        return 1L << order;
    }
}

package org.kmemscope.capture.seed;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.view.ZoneView;

/**
 * How many free blocks of each type and order a zone has, and how many pageblocks of each type.
 *
 * @param free blocks by type, then by order
 * @param pageblocks pageblocks by type; -1 each where that is not known
 */
record BlockCounts(int[][] free, int[] pageblocks) {
    /**
     * Takes them from a zone. {@code buddyinfo} and {@code pagetypeinfo} are read one after the other, and something may happen in between:
     * where they differ, {@code buddyinfo} is right, and the type that has most blocks of the order gets what is missing or gives what is
     * too much.
     *
     * @param notes takes what did not agree
     */
    static BlockCounts of(ZoneView zone, MigrateTypes types, List<String> notes) {
        int orders = zone.freeBlocks().size();
        int[][] free = new int[types.count()][orders];
        int movable = types.indexOf(MigrateType.MOVABLE);
        zone.freeByType().forEach((name, counts) -> {
            int type = index(types, name);
            for (int order = 0; order < Math.min(orders, counts.size()); order++) {
                free[type < 0 ? movable : type][order] += Math.toIntExact(counts.get(order));
            }
        });
        List<String> differences = new ArrayList<>();
        for (int order = 0; order < orders; order++) {
            int wanted = Math.toIntExact(zone.freeBlocks().get(order));
            int listed = column(free, order);
            if (listed != wanted) {
                if (!zone.freeByType().isEmpty()) {
                    differences.add(String.format("order %d: %d and %d", order, wanted, listed));
                }
                correct(free, order, wanted - listed, movable);
            }
        }
        if (!differences.isEmpty()) {
            notes.add("zone " + zone.type().label()
                    + ": buddyinfo and pagetypeinfo were read at different moments, the first is taken ("
                    + String.join(", ", differences) + ")");
        }
        return new BlockCounts(free, pageblocks(zone, types));
    }

    private static int[] pageblocks(ZoneView zone, MigrateTypes types) {
        int[] pageblocks = new int[types.count()];
        if (zone.pageblocks().isEmpty()) {
            java.util.Arrays.fill(pageblocks, -1);
        }
        zone.pageblocks().forEach((name, count) -> {
            int type = index(types, name);
            if (type >= 0) {
                pageblocks[type] += Math.toIntExact(count);
            }
        });
        return pageblocks;
    }

    private static int index(MigrateTypes types, String name) {
        for (int type = 0; type < types.count(); type++) {
            if (types.type(type).label().equals(name)) {
                return type;
            }
        }
        return -1;
    }

    private static int column(int[][] free, int order) {
        int sum = 0;
        for (int[] row : free) {
            sum += row[order];
        }
        return sum;
    }

    private static void correct(int[][] free, int order, int change, int movable) {
        int left = change;
        while (left != 0) {
            int most = movable;
            for (int type = 0; type < free.length; type++) {
                most = free[type][order] > free[most][order] ? type : most;
            }
            int step = left > 0 ? left : Math.max(left, -free[most][order]);
            free[most][order] += step;
            left -= step;
        }
    }

    /** Free pages of a type in blocks below an order. */
    long pagesBelow(int type, int order) {
        long pages = 0;
        for (int o = 0; o < Math.min(order, free[type].length); o++) {
            pages += (long) free[type][o] << o;
        }
        return pages;
    }

    /** All free pages. */
    long pages() {
        long pages = 0;
        for (int type = 0; type < free.length; type++) {
            pages += pagesBelow(type, free[type].length);
        }
        return pages;
    }
}

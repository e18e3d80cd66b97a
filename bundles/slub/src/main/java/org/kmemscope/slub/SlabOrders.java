package org.kmemscope.slub;

import org.kmemscope.api.ground.Profile;

/**
 * How many pages a slab of a cache gets ({@code calculate_order}). Pure arithmetic, done once when the cache is created.
 *
 * <p>Terms: the <em>waste</em> is what no object fits into at the end of a slab.
 *
 * <ol>
 *   <li>So many objects are wanted that the list lock is seldom needed, the more the more CPUs there are; but no more than fit into a
 *       slab of {@code slub_max_order}.
 *   <li>Orders from the least that holds them up to {@code slub_max_order} are tried: the first that wastes at most a sixteenth wins,
 *       else the first that wastes an eighth, else a quarter.
 *   <li>If there is none, fewer objects are wanted and it begins again.
 *   <li>Last resort: any order that holds one object.
 * </ol>
 *
 * @param minOrder {@code slub_min_order=}
 * @param maxOrder {@code slub_max_order=}
 * @param minObjects wanted objects: {@code slub_min_objects=}, or by the number of CPUs
 * @param limit one past the largest order there is
 * @param mostObjects objects that a slab can count
 * @param halves whether the wanted objects are halved when none fits, as up to 2.6.29; later they become one less, and are limited first
 */
record SlabOrders(int minOrder, int maxOrder, int minObjects, int limit, int mostObjects, boolean halves) {
    /** No order is large enough. */
    static final int NONE = -1;

    /** {@code PAGE_ALLOC_COSTLY_ORDER}: the page allocator finds larger blocks only with effort. */
    static final int DEFAULT_MAX_ORDER = 3;

    private static final int LEAST_WASTE = 16;
    private static final int MOST_WASTE = 4;
    private static final int OBJECTS_PER_STEP = 4;

    /** How many objects are wanted with so many CPUs, if nobody says. */
    static int wantedObjects(int cpus) {
        return OBJECTS_PER_STEP * (bits(cpus) + 1);
    }

    /**
     * The order of slabs.
     *
     * @param size bytes from one object to the next
     * @return log2 of the pages; {@link #NONE} if no block is large enough for an object
     */
    int of(int size) {
        int wanted = halves ? minObjects : Math.min(minObjects, objects(maxOrder, size));
        while (wanted > 1) {
            for (int part = LEAST_WASTE; part >= MOST_WASTE; part /= 2) {
                int order = find(size, wanted, maxOrder, part);
                if (order <= maxOrder) {
                    return order;
                }
            }
            wanted = halves ? wanted / 2 : wanted - 1;
        }
        int single = find(size, 1, maxOrder, 1);
        if (single <= maxOrder) {
            return single;
        }
        int large = find(size, 1, limit, 1);
        return large < limit ? large : NONE;
    }

    /** The first order that holds so many objects and wastes at most a part of the slab; one above the last if there is none. */
    private int find(int size, int wanted, int last, int part) {
        if (objects(minOrder, size) > mostObjects) {
            return least((long) size * mostObjects) - 1;
        }
        int order = Math.max(minOrder, least((long) size * wanted));
        while (order <= last) {
            long bytes = bytes(order);
            if (bytes % size <= bytes / part) {
                break;
            }
            order++;
        }
        return order;
    }

    /** {@code get_order()}: the least order that holds so many bytes. */
    static int least(long bytes) {
        return bits((bytes - 1) >>> Profile.PAGE_SHIFT);
    }

    /** Objects in a slab of an order. */
    static int objects(int order, int size) {
        return (int) (bytes(order) / size);
    }

    private static long bytes(int order) {
        return (long) Profile.PAGE_SIZE << order;
    }

    /** {@code fls()}. */
    private static int bits(long value) {
        return Long.SIZE - Long.numberOfLeadingZeros(value);
    }
}

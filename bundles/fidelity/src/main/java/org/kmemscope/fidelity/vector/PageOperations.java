package org.kmemscope.fidelity.vector;

import java.util.Arrays;

/**
 * Requests for pages and their answers, and frees, in the order in which they were made. Flat, as there are hundreds of thousands.
 *
 * <pre>
 *   gfp     mask of a request; FREE for a free
 *   order
 *   pfn     the kernel's answer, NONE if it had no page; of a free the block
 *   zone    of that page; NONE with no page
 *   line    of the file
 * </pre>
 */
final class PageOperations {
    /** No page, no zone. */
    static final int NONE = -1;

    /** In place of a mask: a free. */
    private static final int FREE = -1;

    private static final int FIRST_CAPACITY = 1 << 10;

    private int[] gfps = new int[FIRST_CAPACITY];
    private int[] orders = new int[FIRST_CAPACITY];
    private int[] pfns = new int[FIRST_CAPACITY];
    private int[] zones = new int[FIRST_CAPACITY];
    private int[] lines = new int[FIRST_CAPACITY];
    private int size;

    void addRequest(int gfp, int order, int pfn, int zone, int line) {
        add(gfp, order, pfn, zone, line);
    }

    void addFree(int order, int pfn, int zone, int line) {
        add(FREE, order, pfn, zone, line);
    }

    private void add(int gfp, int order, int pfn, int zone, int line) {
        if (size == gfps.length) {
            int capacity = 2 * size;
            gfps = Arrays.copyOf(gfps, capacity);
            orders = Arrays.copyOf(orders, capacity);
            pfns = Arrays.copyOf(pfns, capacity);
            zones = Arrays.copyOf(zones, capacity);
            lines = Arrays.copyOf(lines, capacity);
        }
        gfps[size] = gfp;
        orders[size] = order;
        pfns[size] = pfn;
        zones[size] = zone;
        lines[size] = line;
        size++;
    }

    int size() {
        return size;
    }

    boolean isFree(int index) {
        return gfps[index] == FREE;
    }

    int gfp(int index) {
        return gfps[index];
    }

    int order(int index) {
        return orders[index];
    }

    int pfn(int index) {
        return pfns[index];
    }

    int zone(int index) {
        return zones[index];
    }

    int line(int index) {
        return lines[index];
    }
}

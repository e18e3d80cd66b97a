package org.kmemscope.capture.seed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Finds places for the free blocks of one zone, so that {@code buddyinfo} and {@code pagetypeinfo} come out as they were captured. Where
 * the blocks really lay is lost; any placement that a kernel could have come to will do, and the same capture gives the same one.
 *
 * <p>Terms: a block is <em>large</em> if it fills a pageblock; a type's <em>quota</em> are the pageblocks it must have; its <em>hosts</em>
 * are those its small blocks are put into.
 *
 * <ol>
 *   <li>CMA blocks go into the contiguous areas, and nothing else does.
 *   <li>Large blocks, largest first, highest place first: small ones are left the low end, around the kernel image. The pageblocks they
 *       fill get their type, as far as its quota goes.
 *   <li>Types other than movable, densest first: as few hosts as will do, of them the last the least useful one. A type whose quota is
 *       used up is a guest in movable pageblocks: a real kernel comes to that by fallback.
 *   <li>What is left of the quotas goes to the pageblocks with the fewest usable frames; all others are movable, and host movable blocks.
 *   <li>What found no room is put wherever there is some.
 * </ol>
 */
final class ZonePlacement {
    private static final int UNSET = -1;

    private final int start;
    private final int end;
    private final BitSet usable;
    private final int pageblockOrder;
    private final BlockCounts counts;
    private final int movable;
    private final int firstBlock;
    private final int[] quota;
    private final int[] types;
    private final PlacedBlocks placed;
    private final RegionPool rest;
    /** Blocks placed so far, by type and order. */
    private final int[][] done;

    /**
     * @param start first frame of the zone
     * @param end one past its last
     * @param usable frames that may be free
     * @param counts what has to be placed
     * @param movable number of the movable type
     */
    ZonePlacement(int start, int end, BitSet usable, int pageblockOrder, BlockCounts counts, int movable) {
        this.start = start;
        this.end = end;
        this.usable = (BitSet) usable.clone();
        this.pageblockOrder = pageblockOrder;
        this.counts = counts;
        this.movable = movable;
        firstBlock = start >>> pageblockOrder;
        quota = counts.pageblocks().clone();
        types = new int[((end - 1) >>> pageblockOrder) - firstBlock + 1];
        Arrays.fill(types, UNSET);
        placed = new PlacedBlocks(counts.free().length, orders(), types);
        rest = new RegionPool(orders() - 1);
        done = new int[types()][orders()];
    }

    private int orders() {
        return counts.free()[0].length;
    }

    /**
     * Places everything.
     *
     * @param cma number of the CMA type; -1 if there is none
     * @param contiguous frames of the contiguous areas, if they are known
     */
    PlacedBlocks place(int cma, BitSet contiguous) {
        if (cma >= 0) {
            placeContiguous(cma, contiguous);
        }
        placeLarge(cma);
        for (int type : densestFirst(cma)) {
            placeSmall(type);
        }
        spendQuotas();
        RegionPool pool = pool(blocksOf(movable));
        placeAll(movable, pool);
        rest.addAll(pool);
        for (int type = 0; type < types(); type++) {
            for (int order = smallOrders() - 1; order >= 0; order--) {
                placeOrder(type, order, rest, false);
            }
            for (int order = 0; order < orders(); order++) {
                for (int i = counts.free()[type][order]; i > done[type][order]; i--) {
                    placed.miss(order);
                }
            }
        }
        return placed;
    }

    private int types() {
        return counts.free().length;
    }

    /** Orders below that of a pageblock. */
    private int smallOrders() {
        return Math.min(pageblockOrder, orders());
    }

    /** Takes room for every block of a type that is not placed yet, largest first; those without room are left for later. */
    private void placeAll(int type, RegionPool pool) {
        for (int order = orders() - 1; order >= 0; order--) {
            placeOrder(type, order, pool, false);
        }
    }

    private void placeOrder(int type, int order, RegionPool pool, boolean highest) {
        while (done[type][order] < counts.free()[type][order]) {
            int pfn = pool.take(order, highest);
            if (pfn < 0) {
                return;
            }
            placed.place(pfn, order, type);
            done[type][order]++;
        }
    }

    // ---- contiguous areas

    private void placeContiguous(int cma, BitSet contiguous) {
        BitSet area = contiguous.isEmpty() ? topBlocks(Math.max(0, quota[cma])) : (BitSet) contiguous.clone();
        for (int block = 0; block < types.length; block++) {
            if (area.get(Math.max(start, firstPfn(block)))) {
                setType(block, cma);
            }
        }
        area.and(usable);
        usable.andNot(area);
        RegionPool pool = new RegionPool(orders() - 1);
        pool.add(area, start, end);
        placeAll(cma, pool);
        rest.addAll(pool);
    }

    private BitSet topBlocks(int count) {
        BitSet area = new BitSet();
        for (int block = types.length - 1, left = count; block >= 0 && left > 0; block--, left--) {
            area.set(Math.max(start, firstPfn(block)), Math.min(end, firstPfn(block + 1)));
        }
        return area;
    }

    // ---- large blocks

    private void placeLarge(int cma) {
        RegionPool pool = new RegionPool(orders() - 1);
        pool.add(usable, start, end);
        for (int order = orders() - 1; order >= pageblockOrder; order--) {
            for (int type = 0; type < types(); type++) {
                int before = placed.free().cardinality();
                if (type != cma) {
                    placeOrder(type, order, pool, true);
                }
                if (placed.free().cardinality() > before) {
                    typeFilledBlocks(type);
                }
            }
        }
        usable.andNot(placed.free());
    }

    /** Pageblocks that are one free block get its type while the quota lasts. */
    private void typeFilledBlocks(int type) {
        for (int block = 0; block < types.length; block++) {
            int first = firstPfn(block);
            boolean filled = placed.free().get(Math.max(start, first));
            if (types[block] == UNSET && filled) {
                setType(block, quota[type] > 0 || !counted(block) ? type : movable);
            }
        }
    }

    // ---- small blocks

    private List<Integer> densestFirst(int cma) {
        List<Integer> order = new ArrayList<>();
        for (int type = 0; type < types(); type++) {
            if (type != movable && type != cma) {
                order.add(type);
            }
        }
        long size = 1L << pageblockOrder;
        order.sort(Comparator.comparingDouble(type -> {
            long pages = counts.pagesBelow(type, pageblockOrder);
            return pages == 0 ? 0 : -(double) pages / ((pages + size - 1) / size * size);
        }));
        return order;
    }

    private void placeSmall(int type) {
        long pages = counts.pagesBelow(type, pageblockOrder);
        if (pages == 0) {
            return;
        }
        List<Integer> candidates = blocksOf(UNSET);
        candidates.sort(Comparator.comparingInt(this::usableIn).thenComparing(Comparator.reverseOrder()));
        int least = (int) ((pages + (1L << pageblockOrder) - 1) >>> pageblockOrder);
        for (int hosts = least; hosts <= candidates.size(); hosts++) {
            List<Integer> fullest = candidates.subList(candidates.size() - hosts + 1, candidates.size());
            for (int last : candidates.subList(0, candidates.size() - hosts + 1)) {
                List<Integer> chosen = new ArrayList<>(fullest);
                chosen.add(last);
                if (fits(type, pool(chosen))) {
                    host(type, chosen);
                    return;
                }
            }
        }
    }

    private boolean fits(int type, RegionPool pool) {
        for (int order = smallOrders() - 1; order >= 0; order--) {
            for (int i = done[type][order]; i < counts.free()[type][order]; i++) {
                if (pool.take(order, false) < 0) {
                    return false;
                }
            }
        }
        return true;
    }

    private void host(int type, List<Integer> hosts) {
        RegionPool pool = pool(hosts);
        for (int block : hosts) {
            setType(block, quota[type] > 0 || !counted(block) ? type : movable);
        }
        for (int order = smallOrders() - 1; order >= 0; order--) {
            placeOrder(type, order, pool, false);
        }
        for (int block : hosts) {
            usable.clear(Math.max(start, firstPfn(block)), Math.min(end, firstPfn(block + 1)));
        }
        rest.addAll(pool);
    }

    /** Pageblocks of a type in which nothing is free: those with the fewest frames that could be. */
    private void spendQuotas() {
        List<Integer> blocks = blocksOf(UNSET);
        blocks.sort(Comparator.comparingInt(this::usableIn).thenComparing(Comparator.naturalOrder()));
        int next = 0;
        for (int type = 0; type < types(); type++) {
            while (type != movable && quota[type] > 0 && next < blocks.size()) {
                int block = blocks.get(next++);
                if (counted(block)) {
                    setType(block, type);
                    RegionPool pool = pool(List.of(block));
                    rest.addAll(pool);
                }
            }
        }
        for (int block = 0; block < types.length; block++) {
            if (types[block] == UNSET) {
                setType(block, movable);
            }
        }
    }

    // ---- pageblocks

    private RegionPool pool(List<Integer> blocks) {
        RegionPool pool = new RegionPool(Math.min(pageblockOrder, orders() - 1));
        for (int block : blocks) {
            pool.add(usable, Math.max(start, firstPfn(block)), Math.min(end, firstPfn(block + 1)));
        }
        return pool;
    }

    private List<Integer> blocksOf(int type) {
        List<Integer> blocks = new ArrayList<>();
        for (int block = 0; block < types.length; block++) {
            if (types[block] == type) {
                blocks.add(block);
            }
        }
        return blocks;
    }

    private int usableIn(int block) {
        int from = Math.max(start, firstPfn(block));
        return usable.get(from, Math.min(end, firstPfn(block + 1))).cardinality();
    }

    private int firstPfn(int block) {
        return (firstBlock + block) << pageblockOrder;
    }

    private void setType(int block, int type) {
        types[block] = type;
        if (counted(block) && quota[type] > 0) {
            quota[type]--;
        }
    }

    /**
     * Whether {@code pagetypeinfo} counts the pageblock: it goes on by whole pageblocks from the first frame of the zone, aligned or not
     * ({@code pagetypeinfo_showblockcount_print()}), so that the last one may be passed over.
     */
    private boolean counted(int block) {
        int steps = (end - 1 - start) >>> pageblockOrder;
        return block <= steps;
    }
}

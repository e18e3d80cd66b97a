package org.kmemscope.zone;

import java.util.Arrays;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.zone.FreeAreaHost;
import org.kmemscope.api.zone.FreeAreas;

/**
 * Moves the free blocks of every zone to other engines.
 *
 * <ol>
 *   <li>The new engines are made, all of them, before a block moves.
 *   <li>Zone by zone the lists are written down, by order and type, the old engine forgets them, and the new one appends them in the same
 *       order. Blocks that were freed while there was no engine are given to it as freed ones, so that they merge.
 *   <li>Only then do the zones know the new engines.
 * </ol>
 *
 * <p>The counters of the zones stay as they are: they count what is free, whoever keeps it.
 */
final class FreeAreaExchange {
    private final ZonedPageAllocator allocator;
    private final int types;
    private long moved;

    /** Makes the engine of a zone. */
    interface Maker {
        FreeAreas create(Ground ground, FreeAreaHost host, int maxOrder);
    }

    FreeAreaExchange(ZonedPageAllocator allocator) {
        this.allocator = allocator;
        types = allocator.ground.gfp().migrateTypes().count();
    }

    /** Does it; the number of blocks that moved. */
    long moveTo(Maker maker) {
        FreeAreas[] next = new FreeAreas[allocator.zones.length];
        for (Zone zone : allocator.zones) {
            next[zone.index] = maker.create(allocator.ground, zone, allocator.rules.maxOrder());
        }
        for (Zone zone : allocator.zones) {
            move(zone.areas, next[zone.index]);
        }
        for (Zone zone : allocator.zones) {
            zone.areas = next[zone.index];
        }
        return moved;
    }

    private void move(FreeAreas from, FreeAreas to) {
        int[][] lists = new int[allocator.rules.maxOrder() * types][];
        int[][] freed = new int[lists.length][];
        for (int list = 0; list < lists.length; list++) {
            lists[list] = blocks(from, list / types, list % types);
            moved += lists[list].length;
            freed[list] = new int[0];
            if (from instanceof ParkedFreeAreas parked) {
                freed[list] =
                        Arrays.stream(lists[list]).filter(parked::wasFreed).toArray();
                lists[list] = Arrays.stream(lists[list])
                        .filter(pfn -> !parked.wasFreed(pfn))
                        .toArray();
            }
        }
        from.clear();
        for (int list = 0; list < lists.length; list++) {
            for (int pfn : lists[list]) {
                to.append(pfn, list / types, list % types);
            }
        }
        for (int list = 0; list < lists.length; list++) {
            for (int pfn : freed[list]) {
                to.put(pfn, list / types, list % types);
            }
        }
    }

    private static int[] blocks(FreeAreas areas, int order, int type) {
        int[] blocks = new int[areas.count(order, type)];
        int pfn = areas.first(order, type);
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = pfn;
            pfn = areas.nextBlock(pfn);
        }
        if (pfn != PageFrames.NONE) {
            throw new IllegalStateException(String.format(
                    "%s counts %d free blocks of order %d, type %d, but has more",
                    areas.name(), blocks.length, order, type));
        }
        return blocks;
    }
}

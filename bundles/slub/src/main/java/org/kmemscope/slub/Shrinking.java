package org.kmemscope.slub;

import java.util.ArrayList;
import java.util.List;

/**
 * Gives back what a cache does not need.
 *
 * <ol>
 *   <li>All CPUs give their slabs to the node.
 *   <li>Empty slabs go to the page allocator.
 *   <li>When shrinking, the others are sorted: those with the fewest free objects come first, so that they fill up and the rest may
 *       become empty. From 4.0 on only slabs with up to 32 free objects are moved.
 * </ol>
 *
 * <p>Source: {@code __kmem_cache_shrink}, {@code __kmem_cache_shutdown}, {@code free_partial}.
 */
final class Shrinking {
    private final Slabs slabs;
    private final NodeLists lists;
    private final SlabMaker maker;
    private final Deactivation deactivation;
    private final Debugging debugging;
    private final int mostFree;

    Shrinking(Basis basis, Parts parts) {
        slabs = basis.slabs();
        lists = parts.lists();
        maker = parts.maker();
        deactivation = parts.deactivation();
        debugging = parts.debugging();
        mostFree = basis.rules().promoted();
    }

    /** {@code kmem_cache_shrink()}; the number of pages given back. */
    int shrink(Cache cache) {
        flush(cache);
        List<List<Integer>> byFree = new ArrayList<>();
        List<Integer> empty = new ArrayList<>();
        for (int slab : partial(cache)) {
            int free = slabs.objects(slab) - slabs.inUse(slab);
            if (slabs.inUse(slab) == 0) {
                empty.add(slab);
            } else if (free <= mostFree) {
                while (byFree.size() <= free) {
                    byFree.add(new ArrayList<>());
                }
                byFree.get(free).add(slab);
            }
        }
        for (int free = byFree.size() - 1; free > 0; free--) {
            for (int slab : byFree.get(free)) {
                lists.remove(cache, slab);
                lists.addFirst(cache, slab);
            }
        }
        return drop(cache, empty);
    }

    /**
     * Gives every slab back if no object is in use.
     *
     * @return whether the cache has none left; if not, what is said of its objects is in the log
     */
    boolean empty(Cache cache) {
        flush(cache);
        List<Integer> empty = new ArrayList<>();
        for (int slab : partial(cache)) {
            if (slabs.inUse(slab) == 0) {
                empty.add(slab);
            } else {
                debugging.listObjects(cache, slab);
            }
        }
        drop(cache, empty);
        if (cache.slabs > 0) {
            return false;
        }
        maker.gracePeriod().end();
        return true;
    }

    /** All CPUs give what they have of a cache to the node ({@code flush_all()}). */
    void flush(Cache cache) {
        for (int cpu = 0; cpu < cache.free.length; cpu++) {
            deactivation.flush(cache, cpu);
        }
    }

    private List<Integer> partial(Cache cache) {
        List<Integer> all = new ArrayList<>();
        for (int slab = cache.partialFirst; slab != Slabs.NONE; slab = slabs.next(slab)) {
            all.add(slab);
        }
        return all;
    }

    private int drop(Cache cache, List<Integer> empty) {
        int pages = 0;
        for (int slab : empty) {
            pages += 1 << slabs.order(slab);
            lists.remove(cache, slab);
            maker.discard(cache, slab);
        }
        return pages;
    }
}

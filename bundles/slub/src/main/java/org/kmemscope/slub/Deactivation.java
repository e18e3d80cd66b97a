package org.kmemscope.slub;

/**
 * A CPU gives up the slab it allocates from: what is left of its free list goes back to the slab, and the slab to the node.
 *
 * <ol>
 *   <li>The CPU's free list is put before the slab's own.
 *   <li>An empty slab is discarded if the node has enough; one with free objects goes to the node's list: first, or last if others had
 *       freed to it meanwhile. A full one is on no list.
 * </ol>
 *
 * <p>Source: {@code deactivate_slab}, {@code flush_slab}, {@code unfreeze_slab}.
 */
final class Deactivation {
    private final Slabs slabs;
    private final FreeLists freeLists;
    private final NodeLists lists;
    private final CpuPartials partials;
    private final SlabMaker maker;
    private final Debugging debugging;
    private final SlubRules rules;

    Deactivation(
            Basis basis,
            FreeLists freeLists,
            NodeLists lists,
            CpuPartials partials,
            SlabMaker maker,
            Debugging debugging) {
        slabs = basis.slabs();
        rules = basis.rules();
        this.freeLists = freeLists;
        this.lists = lists;
        this.partials = partials;
        this.maker = maker;
        this.debugging = debugging;
    }

    /** A CPU gives up everything it has of a cache ({@code __flush_cpu_slab()}). */
    void flush(Cache cache, int cpu) {
        if (cache.slab[cpu] != Slabs.NONE) {
            deactivate(cache, cpu);
        }
        partials.flush(cache, cpu);
    }

    /** A CPU gives up its slab. */
    void deactivate(Cache cache, int cpu) {
        int slab = cache.slab[cpu];
        long mine = cache.free[cpu];
        cache.slab[cpu] = Slabs.NONE;
        cache.free[cpu] = 0;
        boolean first = rules.emptySlabs() == SlubRules.EmptySlabs.DROPPED ? mine != 0 : slabs.free(slab) == 0;
        if (rules.keepsOrder()) {
            prepend(cache, slab, mine);
        } else {
            pushEach(cache, slab, mine);
        }
        slabs.setFrozen(slab, false);
        if (slabs.inUse(slab) == 0 && rules.emptySlabs().drops(cache)) {
            maker.discard(cache, slab);
        } else if (slabs.free(slab) == 0) {
            debugging.addFull(cache, slab);
        } else if (first) {
            lists.addFirst(cache, slab);
        } else {
            lists.addLast(cache, slab);
        }
    }

    private void prepend(Cache cache, int slab, long mine) {
        if (mine == 0) {
            return;
        }
        long last = mine;
        int length = 1;
        for (long next = freeLists.next(cache, last); next != 0 && length <= slabs.objects(slab); length++) {
            last = next;
            next = freeLists.next(cache, last);
        }
        freeLists.setNext(cache, last, slabs.free(slab));
        slabs.setFree(slab, mine);
        slabs.setInUse(slab, slabs.inUse(slab) - length);
    }

    private void pushEach(Cache cache, int slab, long mine) {
        int length = 0;
        for (long object = mine; object != 0 && length <= slabs.objects(slab); length++) {
            long next = freeLists.next(cache, object);
            freeLists.setNext(cache, object, slabs.free(slab));
            slabs.setFree(slab, object);
            object = next;
        }
        slabs.setInUse(slab, slabs.inUse(slab) - length);
    }
}

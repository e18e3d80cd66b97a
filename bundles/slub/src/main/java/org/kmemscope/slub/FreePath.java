package org.kmemscope.slub;

import org.kmemscope.api.ground.ExecutionContext;

/**
 * The way of an object back.
 *
 * <pre>
 *   owner ──→ CPU's free list           if it is of the slab that the CPU allocates from, else
 *         ──→ its slab's own list, and the slab
 *               stays where it is       if it is a CPU's, or on the node's list already
 *               ──→ CPU's partial ones  if it was full: it is frozen now
 *               ──→ node's list, last   if it was full, and CPUs keep no partial slabs
 *               ──→ page allocator      if it is empty now and the node has enough
 * </pre>
 *
 * <p>Source: {@code do_slab_free}, {@code __slab_free}, {@code free_to_partial_list}. Nothing here allocates on the host.
 */
final class FreePath {
    private final Slabs slabs;
    private final FreeLists freeLists;
    private final NodeLists lists;
    private final CpuPartials partials;
    private final SlabMaker maker;
    private final Debugging debugging;
    private final ExecutionContext context;
    private final SlubRules.EmptySlabs emptySlabs;

    FreePath(Basis basis, Parts parts) {
        slabs = basis.slabs();
        freeLists = parts.freeLists();
        lists = parts.lists();
        partials = parts.partials();
        maker = parts.maker();
        debugging = parts.debugging();
        context = basis.floor().context();
        emptySlabs = basis.rules().emptySlabs();
    }

    /** Takes an object back, which nobody has any more. */
    void release(Cache cache, int slab, long object) {
        int cpu = context.cpu();
        if (cache.slab[cpu] == slab && !cache.debug) {
            freeLists.setNext(cache, object, cache.free[cpu]);
            cache.free[cpu] = object;
            return;
        }
        long prior = slabs.free(slab);
        freeLists.setNext(cache, object, prior);
        slabs.setFree(slab, object);
        int inUse = slabs.inUse(slab) - 1;
        slabs.setInUse(slab, inUse);
        if (!slabs.frozen(slab)) {
            settle(cache, cpu, slab, inUse, prior == 0);
        }
    }

    private void settle(Cache cache, int cpu, int slab, int inUse, boolean wasFull) {
        if (wasFull && partials.has(cache)) {
            slabs.setFrozen(slab, true);
            partials.put(cache, cpu, slab, true);
            return;
        }
        boolean dropped = inUse == 0 && emptySlabs.dropsFreed(cache);
        if (wasFull) {
            debugging.removeFull(cache, slab);
            if (!dropped) {
                lists.addLast(cache, slab);
            }
        } else if (dropped) {
            lists.remove(cache, slab);
        }
        if (dropped) {
            maker.discard(cache, slab);
        }
    }
}

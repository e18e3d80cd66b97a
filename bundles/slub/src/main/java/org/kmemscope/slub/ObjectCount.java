package org.kmemscope.slub;

/** Counts by a walk over the lists of a cache, as SLUB itself has no counter for them. */
final class ObjectCount {
    private ObjectCount() {}

    /**
     * Free objects in the slabs of the node's partial list ({@code count_partial()}): all that {@code /proc/slabinfo} takes for free, as
     * what CPUs hold counts as in use.
     */
    static long freeOnNode(Cache cache, Slabs slabs) {
        long free = 0;
        for (int slab = cache.partialFirst; slab != Slabs.NONE; slab = slabs.next(slab)) {
            free += slabs.objects(slab) - slabs.inUse(slab);
        }
        return free;
    }
}

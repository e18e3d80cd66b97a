package org.kmemscope.slub;

/**
 * What is counted of a cache by a walk over its lists.
 *
 * @param freeOnNode free objects in the slabs of the node's partial list, all that {@code /proc/slabinfo} takes for free
 * @param freeElsewhere free objects in slabs and on lists of CPUs
 */
record ObjectCount(long freeOnNode, long freeElsewhere) {
    static ObjectCount of(Cache cache, Slabs slabs) {
        long onNode = 0;
        for (int slab = cache.partialFirst; slab != Slabs.NONE; slab = slabs.next(slab)) {
            onNode += slabs.objects(slab) - slabs.inUse(slab);
        }
        long live = 0;
        long objects = 0;
        for (int slab = cache.newest; slab != Slabs.NONE; slab = slabs.older(slab)) {
            live += slabs.liveObjects(slab);
            objects += slabs.objects(slab);
        }
        return new ObjectCount(onNode, objects - live - onNode);
    }
}

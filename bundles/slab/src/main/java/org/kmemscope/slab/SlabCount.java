package org.kmemscope.slab;

/**
 * What {@code /proc/slabinfo} counts of a cache, by a walk over its lists.
 *
 * @param activeObjects objects that are not in free chains
 * @param objects objects there are
 * @param activeSlabs slabs with an object in use
 * @param slabs slabs there are
 */
record SlabCount(long activeObjects, long objects, long activeSlabs, long slabs) {
    /** Counts as {@code s_show} does: every object of a full slab is in use, whatever its {@code inuse} says. */
    static SlabCount of(Cache cache, SlabMemory memory) {
        long full = length(cache, memory, SlabMemory.FULL);
        long empty = length(cache, memory, SlabMemory.FREE);
        long active = full * cache.geometry.objects();
        long partial = 0;
        long head = cache.list(SlabMemory.PARTIAL);
        for (long slab = memory.next(head); isNext(cache, memory, slab, head, partial); slab = memory.next(slab)) {
            active += memory.inUse(slab);
            partial++;
        }
        long slabs = full + partial + empty;
        return new SlabCount(active, slabs * cache.geometry.objects(), full + partial, slabs);
    }

    private static long length(Cache cache, SlabMemory memory, int list) {
        long length = 0;
        long head = cache.list(list);
        for (long slab = memory.next(head); isNext(cache, memory, slab, head, length); slab = memory.next(slab)) {
            length++;
        }
        return length;
    }

    /** Whether the walk goes on; it ends early in a list that was overwritten. */
    private static boolean isNext(Cache cache, SlabMemory memory, long slab, long head, long seen) {
        return slab != head && seen < cache.slabs && memory.isReadable(slab + SlabMemory.SIZE);
    }
}

package org.kmemscope.api.slab;

import org.osgi.annotation.versioning.ProviderType;

/** The exact state of an object allocator, to be compared and to be taken over. Found by {@link ObjectAllocator#recorded}. */
@ProviderType
public interface RecordedSlabs {
    /** The exact state of every cache. */
    SlabState state();

    /** The exact state of one cache; it has the name of the first of caches that were merged. */
    SlabState.CacheState state(KmemCache cache);

    /**
     * Takes over what was recorded of caches that exist here; caches that the state does not name stay as they are. The frames of the
     * slabs must be in use by somebody unknown, as {@link org.kmemscope.api.page.PageAllocator#load} leaves them. What a cache held
     * before is on no list any more: its live objects can still be freed.
     *
     * @throws IllegalArgumentException with one line, if it does not fit this kernel or these frames; nothing is changed then
     */
    void load(SlabState state);

    /**
     * Says what the kernel drew at random where each of the next slabs of a cache begins in its shuffled order: the objects that come
     * first on their free lists. When they are used up, new slabs are drawn from the machine's seed again.
     *
     * @param cache a cache whose free lists are shuffled
     * @param firstObjects numbers of objects, the next slab's first
     */
    void draw(KmemCache cache, int... firstObjects);
}

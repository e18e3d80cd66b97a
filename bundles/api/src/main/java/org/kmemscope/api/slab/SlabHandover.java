package org.kmemscope.api.slab;

import java.util.List;

/**
 * What one object allocator leaves to the next when it is exchanged: its caches, and every page that still holds a live object. Neutral:
 * it tells nothing of per-CPU arrays, free lists or descriptors, which the allocator that leaves has dissolved.
 *
 * <p>Objects never move. The machine keeps the pages that are left ({@link Block}) until their last object is freed, and then gives them
 * back to the page allocator; so the successor makes new slabs for new objects and never has to understand a foreign one.
 *
 * @param from name of the allocator that leaves
 * @param lastCacheId the highest {@link KmemCache#id} it has given
 * @param caches caches that somebody else created and may go on using, oldest first; those that the allocator made for itself, such as
 *     the ones behind kmalloc, are not among them
 * @param blocks runs of pages with live objects, in any order
 */
public record SlabHandover(String from, int lastCacheId, List<Cache> caches, List<Block> blocks) {
    /** Nothing: what a machine that has just booted hands to its first allocator. */
    public static final SlabHandover NONE = new SlabHandover("", 0, List.of(), List.of());

    /** Keeps unmodifiable copies. */
    public SlabHandover {
        caches = List.copyOf(caches);
        blocks = List.copyOf(blocks);
    }

    /**
     * A cache. The successor makes one that answers to the same handle, whatever other cache has that name. What it cannot do of the
     * flags, such as the checks of a debug build, it leaves out, but it hands them on.
     *
     * @param handle the handle that its users hold
     * @param spec what it was created with
     * @param slabs the name that {@link Block#slabs} has for its slabs: its own, or that of a cache it shares slabs with because the
     *     two were merged; empty if its objects are in no slab of a cache
     */
    public record Cache(KmemCache handle, CacheSpec spec, String slabs) {}

    /**
     * A run of pages that holds live objects, or that must stay for a grace period. Its frames belong to nobody else and can be given
     * back with one call of {@code freePages(pfn, order)}: the count of the first is 1, and no frame of it has {@code PG_slab} any more.
     * Parallel arrays tell of each live object, in rising order of its offset. Arrays are not copied.
     *
     * @param pfn first frame; low memory
     * @param order the run has {@code 2^order} frames, and was taken from the page allocator as one block
     * @param offsets first byte of each live object, in bytes from the start of the run
     * @param sizes usable bytes of each ({@code ksize})
     * @param caches number of the cache of each ({@link KmemCache#id}), 0 if it came from kmalloc. Where caches were merged it may be
     *     any of those that share the slab
     * @param slabs the cache in {@code /proc/slabinfo} that the run is a slab of, such as {@code size-64} or {@code kmalloc-64}; empty if
     *     it is of none: a large kmalloc, a page of SLOB
     * @param afterGracePeriod whether the run may only be given back a grace period after its last object was freed ({@code
     *     SLAB_TYPESAFE_BY_RCU}); such a run may have no live object
     */
    public record Block(
            int pfn, int order, int[] offsets, int[] sizes, int[] caches, String slabs, boolean afterGracePeriod) {}

    /** Live objects of all blocks. */
    public long liveObjects() {
        return blocks.stream().mapToLong(block -> block.offsets().length).sum();
    }
}

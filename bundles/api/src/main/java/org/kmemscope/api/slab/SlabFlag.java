package org.kmemscope.api.slab;

import java.util.ArrayList;
import java.util.List;

/** Flags of {@code kmem_cache_create()}. */
public enum SlabFlag {
    /** Checks at every allocation and free. */
    SLAB_CONSISTENCY_CHECKS,
    /** Red zones around objects. */
    SLAB_RED_ZONE,
    /** Fills free objects with a pattern. */
    SLAB_POISON,
    /** Remembers who allocated and freed. */
    SLAB_STORE_USER,
    /** Aligns objects to cache lines. */
    SLAB_HWCACHE_ALIGN,
    /** Pages from ZONE_DMA. */
    SLAB_CACHE_DMA,
    /** Panics when the cache cannot be created. */
    SLAB_PANIC,
    /** Objects can be reclaimed: reclaimable pages. */
    SLAB_RECLAIM_ACCOUNT,
    /** Slabs are freed after a grace period ({@code SLAB_DESTROY_BY_RCU} in 2.6). */
    SLAB_TYPESAFE_BY_RCU,
    /** Charged to memory cgroups. */
    SLAB_ACCOUNT,
    /** Never merged with another cache. */
    SLAB_NOMERGE,
    /** Tells each allocation and free in the log. */
    SLAB_TRACE,
    /** Fault injection may fail its allocations. */
    SLAB_FAILSLAB;

    private final int bit = 1 << ordinal();

    /** The bit of this flag in a set of flags of this model. */
    public int bit() {
        return bit;
    }

    /** The flags whose bits are set. */
    public static List<SlabFlag> of(int bits) {
        List<SlabFlag> set = new ArrayList<>();
        for (SlabFlag flag : values()) {
            if ((bits & flag.bit) != 0) {
                set.add(flag);
            }
        }
        return set;
    }
}

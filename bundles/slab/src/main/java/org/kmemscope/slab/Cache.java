package org.kmemscope.slab;

import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/** What Linux keeps of a cache in {@code struct kmem_cache} and, but for the lists of slabs, in {@code struct kmem_list3}. */
final class Cache {
    /** In place of a cache of management structures, where they lie on the slabs. */
    static final int NO_CACHE = 0;

    final int id;
    final KmemCache handle;
    /** What was asked for when it was created. */
    final CacheSpec spec;

    final CacheGeometry geometry;
    final ObjectConstructor constructor;
    /** Number of the cache that the management structures come from, if they lie off the slabs. */
    final int managementCache;
    /** Number of the name in trace events. */
    final int traceName;
    /** Address of its {@code struct kmem_cache}; 0 for the cache of these, which is a static one. */
    final long descriptor;

    /** Which bits of a request are looked at, and what they must be. */
    int checkedBits;

    int expectedBits;
    /** Added to the mask of requests for pages. */
    int addedBits;

    // ---- arrays of free objects

    /** By CPU. */
    ObjectArray[] arrays;
    /** Null where CPUs share none. */
    ObjectArray shared;

    int limit;
    int batch;
    int sharedFactor;

    // ---- slabs

    /** Address of its {@code struct kmem_list3}, where the list heads are. */
    long lists;

    int slabs;
    /** Objects in free chains. */
    long freeObjects;
    /** With more, a slab that becomes empty is given back at once. */
    long freeLimit;

    int nextColour;
    /** Tick at which the reaper looks at the shared array and the empty slabs again. */
    long nextReap;
    /** Empty slabs were needed since then. */
    boolean freeTouched;

    // ---- statistics

    long allocations;
    long frees;
    /** Allocations that found an object in the CPU's array. */
    long hits;

    long grown;
    long reaped;

    Cache(
            KmemCache handle,
            CacheSpec spec,
            CacheGeometry geometry,
            int managementCache,
            int traceName,
            long descriptor) {
        this.id = handle.id();
        this.handle = handle;
        this.spec = spec;
        this.geometry = geometry;
        this.constructor = spec.constructor();
        this.managementCache = managementCache;
        this.traceName = traceName;
        this.descriptor = descriptor;
    }

    /** Works out which masks fit. */
    Cache useMasks(GfpMasks masks) {
        boolean dma = has(SlabFlag.SLAB_CACHE_DMA) && masks.dma() != 0;
        checkedBits = masks.refused() | masks.dma();
        expectedBits = dma ? masks.dma() : 0;
        addedBits = expectedBits | masks.noTrack() | (has(SlabFlag.SLAB_RECLAIM_ACCOUNT) ? masks.reclaimable() : 0);
        return this;
    }

    boolean has(SlabFlag flag) {
        return (spec.flags() & flag.bit()) != 0;
    }

    String name() {
        return handle.name();
    }

    /** Address of the head of one of its lists. */
    long list(int offset) {
        return lists + offset;
    }

    // ---- copying

    void save(StateWriter out) {
        handle.save(out);
        spec.save(out);
        out.putInts(new int[] {
            geometry.size(),
            geometry.align(),
            geometry.objects(),
            geometry.order(),
            geometry.offSlab() ? 1 : 0,
            geometry.managementSize(),
            geometry.colours(),
            geometry.colourStep(),
            managementCache,
            traceName
        });
        out.putInts(new int[] {limit, batch, sharedFactor, slabs, nextColour, freeTouched ? 1 : 0});
        out.putLongs(
                new long[] {descriptor, lists, freeObjects, freeLimit, nextReap, allocations, frees, hits, grown, reaped
                });
        out.putInt(arrays.length);
        for (ObjectArray array : arrays) {
            array.save(out);
        }
        out.putBoolean(shared != null);
        if (shared != null) {
            shared.save(out);
        }
    }

    static Cache restore(StateReader in, GfpMasks masks) {
        KmemCache handle = KmemCache.restore(in);
        CacheSpec spec = CacheSpec.restore(in);
        int[] made = in.getInts();
        CacheGeometry geometry =
                new CacheGeometry(made[0], made[1], made[2], made[3], made[4] != 0, made[5], made[6], made[7]);
        int[] tuned = in.getInts();
        long[] counted = in.getLongs();
        Cache cache = new Cache(handle, spec, geometry, made[8], made[9], counted[0]).useMasks(masks);
        cache.limit = tuned[0];
        cache.batch = tuned[1];
        cache.sharedFactor = tuned[2];
        cache.slabs = tuned[3];
        cache.nextColour = tuned[4];
        cache.freeTouched = tuned[5] != 0;
        cache.lists = counted[1];
        cache.freeObjects = counted[2];
        cache.freeLimit = counted[3];
        cache.nextReap = counted[4];
        cache.allocations = counted[5];
        cache.frees = counted[6];
        cache.hits = counted[7];
        cache.grown = counted[8];
        cache.reaped = counted[9];
        cache.arrays = new ObjectArray[in.getInt()];
        for (int cpu = 0; cpu < cache.arrays.length; cpu++) {
            cache.arrays[cpu] = ObjectArray.restore(in);
        }
        cache.shared = in.getBoolean() ? ObjectArray.restore(in) : null;
        return cache;
    }
}

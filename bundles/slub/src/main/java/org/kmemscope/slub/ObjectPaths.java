package org.kmemscope.slub;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;

/**
 * Allocation and free as callers know them: by size and by cache. An address is led back to its slab through the page frame; it must be
 * the start of an object that somebody has.
 */
final class ObjectPaths {
    private final KmallocCaches kmalloc;
    private final LargeObjects large;
    private final AllocPath alloc;
    private final FreePath free;
    private final Slabs slabs;
    private final CacheTable caches;
    private final ObjectMemory memory;
    private final Debugging debugging;
    private final Complaints complaints;
    private final AddressLayout layout;
    private final ExecutionContext context;
    private final Tracepoints trace;
    private final boolean mendsCaches;
    private final boolean zeroesFreed;

    ObjectPaths(Basis basis, Parts parts, KmallocCaches kmalloc) {
        this.kmalloc = kmalloc;
        large = new LargeObjects(basis);
        alloc = new AllocPath(basis, parts);
        free = new FreePath(basis, parts);
        slabs = basis.slabs();
        caches = basis.caches();
        memory = basis.memory();
        debugging = parts.debugging();
        complaints = parts.complaints();
        layout = basis.floor().layout();
        context = basis.floor().context();
        trace = basis.floor().trace();
        mendsCaches = basis.rules().mendsCaches();
        zeroesFreed = basis.rules().zeroesFreed();
    }

    // ---- by size

    long kmalloc(long size, int gfp) {
        if (size == 0) {
            return ObjectAllocator.ZERO_SIZE_PTR;
        }
        long object;
        long held;
        if (size < 0 || size > kmalloc.lastSize()) {
            object = large.allocate(size, gfp);
            held = LargeObjects.bytes(size);
        } else {
            Cache cache = kmalloc.find((int) size, gfp);
            if (cache == null) {
                return 0;
            }
            object = alloc.allocate(cache, gfp, (int) size);
            held = cache.size();
        }
        if (trace.on(TracePoint.KMALLOC)) {
            trace.fire(TracePoint.KMALLOC, context.callSite(), object, size, held, gfp);
        }
        return object;
    }

    void kfree(long object) {
        if (trace.on(TracePoint.KFREE)) {
            trace.fire(TracePoint.KFREE, context.callSite(), object);
        }
        if (object >= 0 && object <= ObjectAllocator.ZERO_SIZE_PTR) {
            return;
        }
        int slab = slabOf(object, "kfree");
        if (slab == Slabs.NONE) {
            large.free(object);
        } else {
            release(caches.byNumber(slabs.cache(slab)), slab, object, "kfree");
        }
    }

    /** {@code ksize()}: up to what is kept behind the object. */
    long ksize(long object) {
        if (object == ObjectAllocator.ZERO_SIZE_PTR) {
            return 0;
        }
        int slab = slabOf(object, "ksize");
        if (slab == Slabs.NONE) {
            return large.size(object);
        }
        return usable(caches.byNumber(slabs.cache(slab)));
    }

    /** Bytes that a user may use of an object. */
    static long usable(Cache cache) {
        if (cache.has(SlabFlag.SLAB_RED_ZONE) || cache.has(SlabFlag.SLAB_POISON)) {
            return cache.objectSize;
        }
        boolean behind = cache.has(SlabFlag.SLAB_TYPESAFE_BY_RCU) || cache.has(SlabFlag.SLAB_STORE_USER);
        return behind ? cache.inUse : cache.size();
    }

    private int slabOf(long object, String call) {
        if (!memory.isReadable(object)) {
            throw complaints.noMemory(call, object);
        }
        return slabs.of(layout.virtToPfn(object));
    }

    // ---- by cache

    /** {@code kmem_cache_alloc()}. */
    long take(Cache cache, int gfp) {
        long object = alloc.allocate(cache, gfp, cache.objectSize);
        if (trace.on(TracePoint.KMEM_CACHE_ALLOC)) {
            trace.fire(
                    TracePoint.KMEM_CACHE_ALLOC,
                    context.callSite(),
                    object,
                    cache.objectSize,
                    cache.size(),
                    gfp,
                    cache.traceName);
        }
        return object;
    }

    /** {@code kmem_cache_free()}. */
    void give(Cache cache, long object) {
        int slab = slabOf(object, "kmem_cache_free");
        Cache owner = slab == Slabs.NONE ? null : caches.byNumber(slabs.cache(slab));
        if (owner == null) {
            throw complaints.inNoSlab("kmem_cache_free", object);
        }
        if (owner != cache && !(mendsCaches || cache.has(SlabFlag.SLAB_CONSISTENCY_CHECKS))) {
            throw complaints.wrongCache(cache, owner, object);
        }
        if (owner != cache) {
            complaints.warnWrongCache(cache, owner);
        }
        release(owner, slab, object, "kmem_cache_free");
        if (trace.on(TracePoint.KMEM_CACHE_FREE)) {
            trace.fire(TracePoint.KMEM_CACHE_FREE, context.callSite(), object, owner.traceName);
        }
    }

    /** Takes an object out of the hands of the allocator itself, which leaves: {@code kfree()} without a way back to a slab. */
    void forget(long object) {
        int slab = object == 0 ? Slabs.NONE : slabs.of(layout.virtToPfn(object));
        if (slab != Slabs.NONE && slabs.removeLive(slab, slabs.indexOf(slab, object)) && trace.on(TracePoint.KFREE)) {
            trace.fire(TracePoint.KFREE, context.callSite(), object);
        }
    }

    private void release(Cache cache, int slab, long object, String call) {
        if (cache.debug && !debugging.frees(cache, slab, object)) {
            return;
        }
        int index = slabs.indexOf(slab, object);
        if (index < 0 || !slabs.removeLive(slab, index)) {
            throw complaints.badFree(call, object);
        }
        cache.frees++;
        if (zeroesFreed) {
            memory.fill(object, cache.objectSize, 0);
        }
        free.release(cache, slab, object);
    }
}

package org.kmemscope.slab;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;

/**
 * The ways of an object.
 *
 * <pre>
 *   owner ←──── CPU's array ←──── shared array ←──── slabs: partial, then free ←──── new slab
 *               newest first      batch at a time    batch at a time
 *
 *   owner ────→ CPU's array ────→ shared array       if that has room, else
 *               full: a batch of the oldest ───────→ slabs ────→ page allocator, above free_limit
 * </pre>
 *
 * <ol>
 *   <li>Allocation takes the newest object of the CPU's array. If there is none, a batch is fetched: from the shared array, if that
 *       has any; else from slabs. An array that was not used since the reaper came by gets 16 at most. If nothing was fetched, a
 *       slab is made and it begins again.
 *   <li>Free puts the object on top of the CPU's array; if that is full, a batch of the oldest leaves it first.
 * </ol>
 *
 * <p>Source: {@code ____cache_alloc}, {@code cache_alloc_refill}, {@code __cache_free}, {@code cache_flusharray},
 * {@code drain_array}. Nothing here allocates on the host but making a slab.
 *
 * <p>What is checked, and Linux without CONFIG_DEBUG_SLAB would not: that a freed pointer is a live object of the cache it is freed
 * to; that an object handed out is not live, which an overwritten free chain can lead to; and the mask at every request, where Linux looks only when it must make a slab and a wrong mask is found by chance.
 */
final class ObjectPaths {
    /** {@code BATCHREFILL_LIMIT}. */
    private static final int QUIET_BATCH = 16;
    /** The reaper takes this part of an array at a time. */
    private static final int REAPED_PART = 5;

    private final GeneralCaches general;
    private final LiveObjects live;
    private final SlabMemory memory;
    private final CacheTable caches;
    private final SlabMaker maker;
    private final SlabLists lists;
    private final Complaints complaints;
    private final KernelLog log;
    private final PageFrames frames;
    private final AddressLayout layout;
    private final ExecutionContext context;
    private final Tracepoints trace;
    private final int waitBits;
    private final int zeroBit;
    private final int noWarnBit;
    private final boolean warnsTooLarge;
    private final boolean refillMarksShared;

    ObjectPaths(Basis basis, GeneralCaches general) {
        this.general = general;
        live = basis.live();
        memory = basis.memory();
        caches = basis.caches();
        log = basis.floor().log();
        frames = basis.floor().frames();
        layout = basis.floor().layout();
        context = basis.floor().context();
        trace = basis.floor().trace();
        waitBits = basis.masks().maySleep();
        zeroBit = basis.masks().zero();
        noWarnBit = basis.masks().noWarn();
        warnsTooLarge = basis.rules().warnsTooLarge();
        refillMarksShared = basis.rules().refillMarksShared();
        maker = new SlabMaker(basis, this);
        lists = new SlabLists(basis, maker);
        complaints = new Complaints(basis, new ObjectFinder(basis, lists));
    }

    SlabMaker maker() {
        return maker;
    }

    SlabLists lists() {
        return lists;
    }

    // ---- by size

    long kmalloc(long size, int gfp) {
        if (size == 0) {
            return ObjectAllocator.ZERO_SIZE_PTR;
        }
        Cache cache = general.find(size, gfp);
        if (cache == null) {
            return tooLarge(size, gfp);
        }
        long object = allocate(cache, gfp);
        if (trace.on(TracePoint.KMALLOC)) {
            trace.fire(TracePoint.KMALLOC, context.callSite(), object, size, cache.geometry.size(), gfp);
        }
        return object;
    }

    private long tooLarge(long size, int gfp) {
        if (warnsTooLarge && (gfp & noWarnBit) == 0) {
            log.printk(
                    KernelLog.WARNING,
                    "WARNING: at mm/slab_common.c: kmalloc_slab(): " + size + " bytes are more than the "
                            + general.max() + " of the largest cache");
        }
        return 0;
    }

    void kfree(long object) {
        if (trace.on(TracePoint.KFREE)) {
            trace.fire(TracePoint.KFREE, context.callSite(), object);
        }
        if (object >= 0 && object <= ObjectAllocator.ZERO_SIZE_PTR) {
            return;
        }
        Cache cache = ownerOf(object);
        if (cache == null || !live.remove(object)) {
            throw complaints.badFree("kfree", object);
        }
        release(cache, object);
    }

    long ksize(long object) {
        if (object == ObjectAllocator.ZERO_SIZE_PTR) {
            return 0;
        }
        Cache cache = ownerOf(object);
        if (cache == null) {
            throw complaints.badFree("ksize", object);
        }
        return cache.geometry.size();
    }

    /** {@code virt_to_cache()}; null for an address that is in no slab. */
    private Cache ownerOf(long object) {
        if (!memory.isReadable(object)) {
            return null;
        }
        int pfn = layout.virtToPfn(object);
        return (frames.flags(pfn) & PageFlag.SLAB.bit()) != 0 ? caches.byId(frames.next(pfn)) : null;
    }

    // ---- by cache

    /** {@code kmem_cache_alloc()}. */
    long take(Cache cache, int gfp) {
        long object = allocate(cache, gfp);
        if (trace.on(TracePoint.KMEM_CACHE_ALLOC)) {
            int size = cache.geometry.size();
            trace.fire(TracePoint.KMEM_CACHE_ALLOC, context.callSite(), object, size, size, gfp, cache.traceName);
        }
        return object;
    }

    /** {@code kmem_cache_free()}. */
    void give(Cache cache, long object) {
        Cache owner = ownerOf(object);
        if (owner != cache) {
            throw complaints.wrongCache(cache, object);
        }
        if (!live.remove(object)) {
            throw complaints.badFree("kmem_cache_free", object);
        }
        release(cache, object);
        if (trace.on(TracePoint.KMEM_CACHE_FREE)) {
            trace.fire(TracePoint.KMEM_CACHE_FREE, context.callSite(), object, cache.traceName);
        }
    }

    // ---- arrays

    private long allocate(Cache cache, int gfp) {
        if ((gfp & cache.checkedBits) != cache.expectedBits) {
            throw complaints.badMask(cache, gfp);
        }
        if ((gfp & waitBits) != 0) {
            context.mightSleep("mm/slab.c");
        }
        ObjectArray array = cache.arrays[context.cpu()];
        long object;
        if (array.available > 0) {
            cache.hits++;
            array.touched = true;
            object = array.entries[--array.available];
        } else {
            object = refill(cache, gfp);
            if (object == 0) {
                return 0;
            }
        }
        if (!live.add(object)) {
            throw complaints.handedOutTwice(object);
        }
        cache.allocations++;
        if ((gfp & zeroBit) != 0) {
            memory.fill(object, cache.geometry.size(), 0);
        }
        return object;
    }

    private long refill(Cache cache, int gfp) {
        ObjectArray array = cache.arrays[context.cpu()];
        while (true) {
            int wanted = array.touched ? array.batch : Math.min(array.batch, QUIET_BATCH);
            ObjectArray shared = cache.shared;
            if (shared != null && array.takeFrom(shared, wanted) > 0) {
                shared.touched |= refillMarksShared;
            } else {
                lists.take(cache, array, wanted);
            }
            if (array.available > 0) {
                array.touched = true;
                return array.entries[--array.available];
            }
            if (!maker.grow(cache, gfp)) {
                return 0;
            }
        }
    }

    private void release(Cache cache, long object) {
        cache.frees++;
        ObjectArray array = cache.arrays[context.cpu()];
        if (array.available == array.limit) {
            flush(cache, array);
        }
        array.entries[array.available++] = object;
    }

    private void flush(Cache cache, ObjectArray array) {
        int moved = cache.shared == null ? 0 : cache.shared.takeOldest(array, array.batch);
        if (moved == 0) {
            moved = array.batch;
            lists.give(cache, array.entries, moved);
        }
        array.dropOldest(moved);
    }

    // ---- emptying

    /** Gives everything in an array back to the slabs. */
    void drain(Cache cache, ObjectArray array) {
        lists.give(cache, array.entries, array.available);
        array.available = 0;
    }

    /** What the reaper does to an array: one that was used is left alone for a turn, another loses a fifth of its room. */
    void reap(Cache cache, ObjectArray array) {
        if (array == null || array.available == 0) {
            return;
        }
        if (array.touched) {
            array.touched = false;
            return;
        }
        int freed = (array.limit + REAPED_PART - 1) / REAPED_PART;
        if (freed > array.available) {
            freed = (array.available + 1) / 2;
        }
        lists.give(cache, array.entries, freed);
        array.dropOldest(freed);
    }

    /** Empties all arrays and gives every empty slab back ({@code __cache_shrink}); the number of slabs given. */
    int shrink(Cache cache) {
        int before = cache.slabs;
        for (ObjectArray array : cache.arrays) {
            drain(cache, array);
        }
        if (cache.shared != null) {
            drain(cache, cache.shared);
        }
        lists.giveEmptySlabs(cache, Integer.MAX_VALUE);
        return before - cache.slabs;
    }

    /** Takes an object out of the hands of the allocator itself, which leaves: {@code kfree()} without a way back to a slab. */
    void forget(long object) {
        if (object != 0 && live.remove(object) && trace.on(TracePoint.KFREE)) {
            trace.fire(TracePoint.KFREE, context.callSite(), object);
        }
    }

    Complaints complaints() {
        return complaints;
    }
}

package org.kmemscope.slob;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;

/**
 * The ways of an object.
 *
 * <pre>
 *   kmalloc            below a page less the header:   header | object          a block of the heap
 *                      else:                           pages of its own, compound
 *   kmem_cache_alloc   below a page:                   object [| slob_rcu]      a block of the heap
 *                      else:                           pages of its own
 * </pre>
 *
 * <p>The mask matters only when pages are taken: a request for ZONE_DMA that finds room in a page of the heap gets it, wherever that page
 * is. So it is in Linux.
 *
 * <p>Source: {@code __do_kmalloc_node}, {@code kfree}, {@code __ksize}, {@code slob_alloc_node}, {@code kmem_cache_free}. What is checked,
 * and Linux would not: every pointer and every size that comes back, see {@link LiveBlocks}; the mask at every request.
 */
final class ObjectPaths {
    private static final String FILE = "mm/slob.c";

    private final Heap heap;
    private final WholePages wholePages;
    private final GracePeriod gracePeriod;
    private final SlobRules rules;
    private final SlobMemory memory;
    private final LiveBlocks blocks;
    private final PageFrames frames;
    private final AddressLayout layout;
    private final ExecutionContext context;
    private final Tracepoints trace;
    private final Complaints complaints;
    private final int header;
    private final int waitBits;
    private final int compoundBit;
    private final int refusedBits;

    ObjectPaths(Basis basis, Heap heap, WholePages wholePages, GracePeriod gracePeriod, Complaints complaints) {
        this.heap = heap;
        this.wholePages = wholePages;
        this.gracePeriod = gracePeriod;
        this.complaints = complaints;
        rules = basis.rules();
        memory = basis.memory();
        blocks = basis.blocks();
        frames = basis.floor().frames();
        layout = basis.floor().layout();
        context = basis.floor().context();
        trace = basis.floor().trace();
        header = rules.kmallocAlign();
        waitBits = basis.masks().maySleep();
        compoundBit = basis.masks().compound();
        refusedBits = basis.masks().refused();
    }

    private void check(int gfp) {
        if ((gfp & refusedBits) != 0) {
            throw complaints.badMask(gfp);
        }
        if ((gfp & waitBits) != 0) {
            context.mightSleep(FILE);
        }
    }

    // ---- by size

    long kmalloc(long size, int gfp) {
        check(gfp);
        if (size == 0) {
            return ObjectAllocator.ZERO_SIZE_PTR;
        }
        if (size < 0 || size > rules.kmallocMax()) {
            return 0;
        }
        return size < Profile.PAGE_SIZE - header ? small((int) size, gfp, LiveBlocks.KMALLOC) : large((int) size, gfp);
    }

    /** An object of the heap, with its size before it. */
    long small(int size, int gfp, int kind) {
        int bytes = size + header;
        long block = heap.take(bytes, gfp, rules.kmallocAlign(size), header, kind);
        if (block == 0) {
            return 0;
        }
        memory.setRequested(block, size);
        long object = block + header;
        if (trace.on(TracePoint.KMALLOC)) {
            trace.fire(TracePoint.KMALLOC, context.callSite(), object, size, bytes, gfp);
        }
        return object;
    }

    private long large(int size, int gfp) {
        int order = Cache.orderOf(size);
        int pfn = wholePages.take(gfp | compoundBit, order, size, LiveBlocks.KMALLOC);
        long object = pfn == PageAllocator.NONE ? 0 : layout.pfnToVirt(pfn);
        if (trace.on(TracePoint.KMALLOC)) {
            trace.fire(TracePoint.KMALLOC, context.callSite(), object, size, Profile.PAGE_SIZE << order, gfp);
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
        if (isSmall(object)) {
            giveSmall(object);
        } else if (isLarge(object)) {
            int pfn = layout.virtToPfn(object);
            wholePages.give(pfn, frames.compoundOrder(pfn));
        } else {
            throw complaints.badPointer("kfree", object);
        }
    }

    /** {@code kfree()} of the name of a cache. */
    void giveName(long name) {
        if (trace.on(TracePoint.KFREE)) {
            trace.fire(TracePoint.KFREE, context.callSite(), name);
        }
        giveSmall(name);
    }

    /** Gives an object of the heap back that has its size before it. */
    private void giveSmall(long object) {
        long block = object - header;
        heap.give(layout.virtToPfn(block), SlobMemory.unitOf(block), memory.requested(block) + header);
    }

    long ksize(long object) {
        if (object == ObjectAllocator.ZERO_SIZE_PTR) {
            return 0;
        }
        if (isSmall(object)) {
            return (long) SlobMemory.units(memory.requested(object - header)) << SlobMemory.UNIT_SHIFT;
        }
        if (!isLarge(object)) {
            throw complaints.badPointer("ksize", object);
        }
        int pfn = layout.virtToPfn(object);
        return rules.largeKeepsSize()
                ? wholePages.requested(pfn)
                : (long) Profile.PAGE_SIZE << frames.compoundOrder(pfn);
    }

    /** Whether an object of the heap that came from kmalloc is at an address. */
    private boolean isSmall(long object) {
        return isHeap(object)
                && (object & header - 1) == 0
                && blocks.kind(layout.virtToPfn(object), SlobMemory.unitOf(object) - SlobMemory.units(header))
                        == LiveBlocks.KMALLOC;
    }

    private boolean isHeap(long object) {
        return memory.isReadable(object) && (frames.flags(layout.virtToPfn(object)) & PageFlag.SLAB.bit()) != 0;
    }

    /** Whether an object from kmalloc that has pages of its own is at an address. */
    private boolean isLarge(long object) {
        return memory.isReadable(object)
                && (object & Profile.PAGE_SIZE - 1) == 0
                && !isHeap(object)
                && blocks.kind(layout.virtToPfn(object), 0) == LiveBlocks.KMALLOC;
    }

    // ---- by cache

    /** {@code kmem_cache_alloc()}. The constructor runs at every allocation. */
    long take(Cache cache, int gfp) {
        check(gfp);
        long object;
        if (cache.ofPages()) {
            int pfn = wholePages.take(gfp, cache.order(), cache.size, cache.kind);
            object = pfn == PageAllocator.NONE ? 0 : layout.pfnToVirt(pfn);
        } else {
            object = heap.take(cache.size, gfp, cache.align, 0, cache.kind);
        }
        if (trace.on(TracePoint.KMEM_CACHE_ALLOC)) {
            trace.fire(
                    TracePoint.KMEM_CACHE_ALLOC,
                    context.callSite(),
                    object,
                    cache.size,
                    cache.bytesTaken(),
                    gfp,
                    cache.traceName);
        }
        if (object != 0) {
            construct(cache, object);
            cache.allocations++;
        }
        return object;
    }

    private void construct(Cache cache, long object) {
        if (!cache.constructs()) {
            return;
        }
        try {
            cache.spec.constructor().construct(object);
        } catch (RuntimeException constructorFailed) {
            release(cache, object);
            throw constructorFailed;
        }
    }

    /** {@code kmem_cache_free()}. */
    void give(Cache cache, long object) {
        boolean mine = memory.isReadable(object)
                && (object & SlobMemory.UNIT - 1) == 0
                && blocks.kind(layout.virtToPfn(object), SlobMemory.unitOf(object)) == cache.kind;
        if (!mine) {
            throw complaints.wrongCache(cache, object);
        }
        if (cache.afterGracePeriod()) {
            gracePeriod.await(cache, object);
        } else {
            release(cache, object);
        }
        cache.frees++;
        if (trace.on(TracePoint.KMEM_CACHE_FREE)) {
            trace.fire(TracePoint.KMEM_CACHE_FREE, context.callSite(), object, cache.traceName);
        }
    }

    private void release(Cache cache, long object) {
        int pfn = layout.virtToPfn(object);
        if (cache.ofPages()) {
            wholePages.give(pfn, cache.order());
        } else {
            heap.give(pfn, SlobMemory.unitOf(object), cache.size);
        }
    }
}

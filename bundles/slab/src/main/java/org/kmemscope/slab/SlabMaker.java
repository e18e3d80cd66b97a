package org.kmemscope.slab;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;

/**
 * Makes slabs of pages and pages of slabs.
 *
 * <ol>
 *   <li>The colour of the new slab is the next one of its cache.
 *   <li>Pages: of the caller's mask only what concerns reclaim and placement goes down; the cache adds ZONE_DMA or reclaimable. They
 *       are no compound page: each has PG_slab, the number of the cache and the address of {@code struct slab} in its own words, so
 *       that an address in any of them leads to both ({@code page_set_cache}, {@code page_set_slab}).
 *   <li>{@code struct slab}: after the colour, or an object of the cache for such.
 *   <li>Each object is constructed; the free chain goes through all of them in order.
 *   <li>The slab goes to the tail of the free list.
 * </ol>
 *
 * <p>Source: {@code cache_grow}, {@code kmem_getpages}, {@code alloc_slabmgmt}, {@code cache_init_objs}, {@code slab_destroy}.
 */
final class SlabMaker {
    private static final int NONE = PageAllocator.NONE;

    private final Basis basis;
    private final SlabMemory memory;
    private final LiveObjects live;
    private final CacheTable caches;
    private final GfpMasks masks;
    private final PageAllocator pages;
    private final PageFrames frames;
    private final AddressLayout layout;
    private final ObjectPaths objects;
    private final GracePeriod gracePeriod;

    SlabMaker(Basis basis, ObjectPaths objects) {
        this.basis = basis;
        this.objects = objects;
        memory = basis.memory();
        live = basis.live();
        caches = basis.caches();
        masks = basis.masks();
        pages = basis.floor().pages();
        frames = basis.floor().frames();
        layout = basis.floor().layout();
        gracePeriod = new GracePeriod(basis, this);
    }

    GracePeriod gracePeriod() {
        return gracePeriod;
    }

    // ---- making

    /** Adds a slab to a cache; false if there is no memory for it. */
    boolean grow(Cache cache, int gfp) {
        CacheGeometry geometry = cache.geometry;
        int passedOn = gfp & masks.passedOn();
        int colour = cache.nextColour;
        cache.nextColour = colour + 1 < geometry.colours() ? colour + 1 : 0;
        int pfn = takePages(cache, passedOn);
        if (pfn == NONE) {
            return false;
        }
        long base = layout.pfnToVirt(pfn);
        long offset = (long) colour * geometry.colourStep();
        long slab = base + offset;
        if (geometry.offSlab()) {
            slab = objects.take(caches.byId(cache.managementCache), passedOn & ~masks.placement());
            if (slab == 0) {
                releasePages(cache, pfn);
                return false;
            }
        } else {
            offset += geometry.managementSize();
        }
        memory.initSlab(slab, offset, base + offset);
        for (int page = pfn; page < pfn + geometry.pages(); page++) {
            frames.setNext(page, cache.id);
            frames.setPrev(page, (int) slab);
        }
        try {
            initObjects(cache, slab, base + offset);
        } catch (RuntimeException constructorFailed) {
            release(cache, slab, pfn);
            throw constructorFailed;
        }
        memory.addLast(cache.list(SlabMemory.FREE), slab);
        cache.freeObjects += geometry.objects();
        cache.slabs++;
        cache.grown++;
        return true;
    }

    /** {@code kmem_getpages()}. */
    private int takePages(Cache cache, int passedOn) {
        int gfp = passedOn | cache.addedBits;
        int pfn = pages.allocPages(gfp, cache.geometry.order());
        if (pfn == NONE) {
            if (basis.rules().reportsNoMemory() && (passedOn & masks.noWarn()) == 0) {
                reportNoMemory(cache, gfp & ~masks.noTrack());
            }
            return NONE;
        }
        for (int page = pfn; page < pfn + cache.geometry.pages(); page++) {
            frames.setFlags(page, frames.flags(page) | PageFlag.SLAB.bit());
        }
        return pfn;
    }

    /** {@code slab_out_of_memory()}. */
    private void reportNoMemory(Cache cache, int gfp) {
        SlabCount count = SlabCount.of(cache, memory);
        KernelLog log = basis.floor().log();
        log.printk(KernelLog.WARNING, String.format("SLAB: Unable to allocate memory on node 0 (gfp=0x%x)", gfp));
        log.printk(
                KernelLog.WARNING,
                String.format(
                        "  cache: %s, object size: %d, order: %d",
                        cache.name(), cache.geometry.size(), cache.geometry.order()));
        log.printk(
                KernelLog.WARNING,
                String.format(
                        "  node 0: slabs: %d/%d, objs: %d/%d, free: %d",
                        count.activeSlabs(), count.slabs(), count.activeObjects(), count.objects(), cache.freeObjects));
    }

    private void initObjects(Cache cache, long slab, long first) {
        int count = cache.geometry.objects();
        boolean constructs = cache.constructor != ObjectConstructor.NONE;
        for (int i = 0; i < count; i++) {
            long object = first + (long) i * cache.geometry.size();
            live.reserve(object);
            if (constructs) {
                cache.constructor.construct(object);
            }
            memory.setIndex(slab, i, i + 1 < count ? i + 1 : SlabMemory.END);
        }
    }

    // ---- giving back

    /**
     * Gives up a slab that is on no list any more and has no object in use.
     *
     * @param first address of its object 0
     */
    void destroy(Cache cache, long slab, long first) {
        int pfn = layout.virtToPfn(first) & -cache.geometry.pages();
        cache.slabs--;
        if (cache.has(SlabFlag.SLAB_TYPESAFE_BY_RCU)) {
            gracePeriod.await(cache, slab, pfn);
        } else {
            release(cache, slab, pfn);
        }
    }

    /** Gives the pages of a slab to the page allocator, and its management to its cache. */
    void release(Cache cache, long slab, int pfn) {
        long base = layout.pfnToVirt(pfn);
        for (int page = 0; page < cache.geometry.pages(); page++) {
            live.releasePage(base + ((long) page << Profile.PAGE_SHIFT));
        }
        releasePages(cache, pfn);
        if (cache.geometry.offSlab()) {
            objects.give(caches.byId(cache.managementCache), slab);
        }
    }

    /** {@code kmem_freepages()}. */
    private void releasePages(Cache cache, int pfn) {
        clearPages(cache, pfn);
        pages.freePages(pfn, cache.geometry.order());
    }

    /** Takes from the pages of a slab what makes them such. */
    void clearPages(Cache cache, int pfn) {
        for (int page = pfn; page < pfn + cache.geometry.pages(); page++) {
            frames.setFlags(page, frames.flags(page) & ~PageFlag.SLAB.bit());
            frames.setNext(page, 0);
            frames.setPrev(page, 0);
        }
    }
}

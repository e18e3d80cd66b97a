package org.kmemscope.slub;

import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.slab.SlabFlag;

/**
 * Makes slabs of pages and pages of slabs.
 *
 * <ol>
 *   <li>Of the caller's mask only what concerns reclaim and placement goes down; the cache adds compound, ZONE_DMA or reclaimable.
 *   <li>Pages of the preferred order are asked for without effort and without a word if there are none; then those of the least order
 *       that holds an object, with the mask as it is.
 *   <li>Each object gets its debug patterns and is constructed; the free list goes through all of them.
 * </ol>
 *
 * <p>Source: {@code new_slab}, {@code allocate_slab}, {@code discard_slab}, {@code free_slab}.
 */
final class SlabMaker {
    private static final int NONE = PageAllocator.NONE;

    private final Basis basis;
    private final Slabs slabs;
    private final FreeLists freeLists;
    private final GfpMasks masks;
    private final PageAllocator pages;
    private final GracePeriod gracePeriod;
    private final Debugging debugging;
    private final int lightAdded;
    private final int lightRemoved;
    private final int reclaimBits;
    private final int mayReclaim;
    private final int hastyAdded;
    private final int noTrack;

    SlabMaker(Basis basis, FreeLists freeLists, Debugging debugging) {
        this.basis = basis;
        this.freeLists = freeLists;
        this.debugging = debugging;
        slabs = basis.slabs();
        masks = basis.masks();
        pages = basis.floor().pages();
        gracePeriod = new GracePeriod(basis, this);
        GfpTable gfp = basis.floor().gfp();
        lightAdded = gfp.of(Gfp.__GFP_NOWARN) | gfp.of(Gfp.__GFP_NORETRY);
        lightRemoved = gfp.of(Gfp.__GFP_NOFAIL);
        mayReclaim = basis.rules().hasty() ? masks.maySleep() : 0;
        reclaimBits = masks.maySleep() | gfp.orZero(Gfp.__GFP_KSWAPD_RECLAIM);
        hastyAdded = gfp.orZero(Gfp.__GFP_NOMEMALLOC);
        noTrack = gfp.orZero(Gfp.__GFP_NOTRACK);
    }

    GracePeriod gracePeriod() {
        return gracePeriod;
    }

    // ---- making

    /** A new slab with all objects on its own free list, which no list holds yet and its cache does not count. */
    int make(Cache cache, int gfp) {
        int passedOn = usable(cache, gfp) & masks.passedOn() | cache.made.addedGfp();
        int order = cache.made.order();
        int objects = cache.made.objects();
        int pfn = pages.allocPages(light(cache, passedOn) | noTrack, order);
        if (pfn == NONE) {
            order = cache.made.minOrder();
            objects = cache.made.minObjects();
            pfn = pages.allocPages(passedOn | noTrack, order);
            if (pfn == NONE) {
                return Slabs.NONE;
            }
        }
        int slab = slabs.add(
                pfn,
                order,
                cache.number,
                objects,
                cache.size(),
                cache.made.layout().redLeft());
        try {
            init(cache, slab);
        } catch (RuntimeException constructorFailed) {
            release(slab);
            throw constructorFailed;
        }
        return slab;
    }

    private void init(Cache cache, int slab) {
        if (cache.debug) {
            debugging.initSlab(cache, slab);
        }
        long first = freeLists.link(cache, slab);
        slabs.setFree(slab, first);
        // the free pointers of such objects lie behind them
        for (long object = cache.constructs ? first : 0; object != 0; object = freeLists.next(cache, object)) {
            cache.made.constructor().construct(object);
        }
    }

    private int light(Cache cache, int gfp) {
        int light = (gfp | lightAdded) & ~lightRemoved;
        boolean hasty = (light & mayReclaim) != 0 && cache.made.order() > cache.made.minOrder();
        return hasty ? (light | hastyAdded) & ~reclaimBits : light;
    }

    private int usable(Cache cache, int gfp) {
        return (gfp & masks.refused()) == 0 ? gfp : mended(basis, gfp, "cache `" + cache.name() + "'");
    }

    /**
     * A mask that memory with an address of its own cannot be got with ({@code kmalloc_fix_flags()}).
     *
     * @throws KernelBug in kernels that do not mend it
     */
    static int mended(Basis basis, int gfp, String whom) {
        GfpTable table = basis.floor().gfp();
        int wrong = gfp & basis.masks().refused();
        if (!basis.rules().mendsMasks()) {
            throw new KernelBug(String.format(
                    "kernel BUG at mm/slub.c: mask 0x%x (%s) for %s: an object has an address in the linear mapping, so its"
                            + " pages come from no higher zone",
                    gfp, table.format(gfp), whom));
        }
        int mended = gfp & ~wrong;
        basis.floor()
                .log()
                .printk(
                        KernelLog.WARNING,
                        String.format(
                                "Unexpected gfp: 0x%x (%s). Fixing up to gfp: 0x%x (%s). Fix your code!",
                                wrong, table.format(wrong), mended, table.format(mended)));
        return mended;
    }

    /** The cache counts a slab ({@code inc_slabs_node()}). */
    void count(Cache cache, int slab) {
        cache.slabs++;
        cache.objects += slabs.objects(slab);
        slabs.chain(slab, cache.newest);
        cache.newest = slab;
    }

    // ---- giving back

    /** Gives up a slab that no list holds and that has no object in use. */
    void discard(Cache cache, int slab) {
        cache.slabs--;
        cache.objects -= slabs.objects(slab);
        cache.newest = slabs.unchain(slab, cache.newest);
        if (cache.debug) {
            debugging.checkEmpty(cache, slab);
        }
        if (cache.has(SlabFlag.SLAB_TYPESAFE_BY_RCU)) {
            gracePeriod.await(slab);
        } else {
            release(slab);
        }
    }

    /** Gives the pages of a slab to the page allocator. */
    void release(int slab) {
        int pfn = slabs.pfn(slab);
        int order = slabs.order(slab);
        slabs.remove(slab);
        pages.freePages(pfn, order);
    }
}

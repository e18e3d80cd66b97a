package org.kmemscope.machine;

import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Provenance;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;

/** The calls that allocate pages and objects. What they take and give is written into the caller's books. */
abstract class AllocationCalls extends MemoryCalls {
    private static final String KMALLOC = "kmalloc";
    private static final String PAGES = "alloc_pages";
    private static final String CACHE = "kmem_cache_alloc";

    final Ledger ledger;
    /** 4.18 and later: a caller who allows high memory gets low memory all the same. */
    private final boolean dropsHighmem;

    AllocationCalls(SimulatedMachine machine, Caller caller, Ledger ledger) {
        super(machine, caller);
        this.ledger = ledger;
        dropsHighmem = machine.profile().kernel().version().isAtLeast(4, 18);
    }

    final void took(String kind, long key, long bytes) {
        if (ledger != Ledger.NONE) {
            ledger.take(kind, key, bytes, caller.site());
        }
    }

    // ---- pages

    @Override
    public int allocPages(int gfp, int order) {
        enter();
        try {
            machine.exchanges.requirePages();
            int pfn = machine.pages().allocPages(gfp, order);
            if (pfn >= 0) {
                took(PAGES, pfn, (long) Profile.PAGE_SIZE << order);
            }
            return pfn;
        } catch (RuntimeException e) {
            throw machine.failure(e, "alloc_pages");
        } finally {
            exit();
        }
    }

    @Override
    public void freePages(int pfn, int order) {
        enter();
        try {
            machine.exchanges.requirePages();
            requireFrame(pfn, "__free_pages");
            machine.freeing(machine.layout().pfnToVirt(pfn), (long) Profile.PAGE_SIZE << order);
            machine.pages().freePages(pfn, order);
            ledger.give(PAGES, pfn);
        } catch (RuntimeException e) {
            throw machine.failure(e, "__free_pages");
        } finally {
            exit();
        }
    }

    @Override
    public long getFreePages(int gfp, int order) {
        enter();
        try {
            int highmem = machine.gfp().orZero(Gfp.__GFP_HIGHMEM);
            if (!dropsHighmem && (gfp & highmem) != 0) {
                throw new KernelBug("kernel BUG at mm/page_alloc.c: __get_free_pages() with __GFP_HIGHMEM: "
                        + "high memory has no address to return");
            }
            int pfn = allocPages(gfp & ~highmem, order);
            return pfn < 0 ? 0 : machine.layout().pfnToVirt(pfn);
        } catch (RuntimeException e) {
            throw machine.failure(e, "__get_free_pages");
        } finally {
            exit();
        }
    }

    @Override
    public void freePagesAt(long virt, int order) {
        if (virt != 0) {
            freePages(linearPfn(virt, "free_pages"), order);
        }
    }

    @Override
    public long allocPagesExact(long size, int gfp) {
        enter();
        try {
            machine.exchanges.requirePages();
            int wanted = pages(size);
            int order = order(wanted);
            int pfn = machine.pages().allocPages(gfp, order);
            if (pfn < 0) {
                return 0;
            }
            machine.pages().splitPage(pfn, order);
            for (int spare = pfn + wanted; spare < pfn + (1 << order); spare++) {
                machine.pages().freePages(spare, 0);
            }
            for (int page = pfn; page < pfn + wanted; page++) {
                took(PAGES, page, Profile.PAGE_SIZE);
            }
            return machine.layout().pfnToVirt(pfn);
        } catch (RuntimeException e) {
            throw machine.failure(e, "alloc_pages_exact");
        } finally {
            exit();
        }
    }

    @Override
    public void freePagesExact(long virt, long size) {
        int pfn = linearPfn(virt, "free_pages_exact");
        for (int page = pfn; page < pfn + pages(size); page++) {
            freePages(page, 0);
        }
    }

    @Override
    public void splitPage(int pfn, int order) {
        enter();
        try {
            machine.exchanges.requirePages();
            requireFrame(pfn, "split_page");
            machine.pages().splitPage(pfn, order);
            ledger.give(PAGES, pfn);
            for (int page = pfn; page < pfn + (1 << order); page++) {
                took(PAGES, page, Profile.PAGE_SIZE);
            }
        } catch (RuntimeException e) {
            throw machine.failure(e, "split_page");
        } finally {
            exit();
        }
    }

    private static int pages(long size) {
        return Math.toIntExact((size + Profile.PAGE_SIZE - 1) >>> Profile.PAGE_SHIFT);
    }

    /** {@code get_order()}. */
    private static int order(int pages) {
        return pages <= 1 ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(pages - 1);
    }

    // ---- objects

    @Override
    public long kmalloc(long size, int gfp) {
        enter();
        try {
            machine.exchanges.requireObjects();
            long object = machine.objects().kmalloc(size, gfp);
            if (object > ObjectAllocator.ZERO_SIZE_PTR) {
                took(KMALLOC, object, size);
            }
            return object;
        } catch (RuntimeException e) {
            throw machine.failure(e, "kmalloc");
        } finally {
            exit();
        }
    }

    @Override
    public long kzalloc(long size, int gfp) {
        enter();
        try {
            long object = kmalloc(size, gfp);
            if (object > ObjectAllocator.ZERO_SIZE_PTR) {
                machine.mmu().fill(object, size, 0);
            }
            return object;
        } finally {
            exit();
        }
    }

    @Override
    public long krealloc(long object, long size, int gfp) {
        enter();
        try {
            machine.exchanges.requireObjects();
            if (size == 0) {
                kfree(object);
                return ObjectAllocator.ZERO_SIZE_PTR;
            }
            long usable = object <= ObjectAllocator.ZERO_SIZE_PTR
                    ? 0
                    : machine.objects().ksize(object);
            if (usable >= size) {
                return object;
            }
            long larger = kmalloc(size, gfp);
            if (larger != 0 && usable > 0) {
                memcpy(larger, object, usable);
                kfree(object);
            }
            return larger;
        } catch (RuntimeException e) {
            throw machine.failure(e, "krealloc");
        } finally {
            exit();
        }
    }

    @Override
    public void kfree(long object) {
        enter();
        try {
            machine.exchanges.requireObjects();
            long asked = machine.origins
                    .object(object)
                    .map(Provenance.Origin::requested)
                    .orElse(1L);
            machine.freeing(object, asked);
            machine.objects().kfree(object);
            ledger.give(KMALLOC, object);
        } catch (RuntimeException e) {
            throw machine.failure(e, "kfree");
        } finally {
            exit();
        }
    }

    @Override
    public long ksize(long object) {
        enter();
        try {
            machine.exchanges.requireObjects();
            return machine.objects().ksize(object);
        } catch (RuntimeException e) {
            throw machine.failure(e, "ksize");
        } finally {
            exit();
        }
    }

    @Override
    public KmemCache kmemCacheCreate(CacheSpec spec) {
        enter();
        try {
            machine.exchanges.requireObjects();
            KmemCache cache = machine.objects().createCache(spec);
            if (cache.id() != 0) {
                took("kmem_cache", cache.id(), 0);
            }
            return cache;
        } catch (RuntimeException e) {
            throw machine.failure(e, "kmem_cache_create");
        } finally {
            exit();
        }
    }

    @Override
    public long kmemCacheAlloc(KmemCache cache, int gfp) {
        enter();
        try {
            machine.exchanges.requireObjects();
            long object = machine.objects().allocObject(cache, gfp);
            if (object != 0) {
                took(CACHE, object, machine.objects().objectSize(cache));
            }
            return object;
        } catch (RuntimeException e) {
            throw machine.failure(e, "kmem_cache_alloc");
        } finally {
            exit();
        }
    }

    @Override
    public void kmemCacheFree(KmemCache cache, long object) {
        enter();
        try {
            machine.exchanges.requireObjects();
            machine.objects().freeObject(cache, object);
            ledger.give(CACHE, object);
        } catch (RuntimeException e) {
            throw machine.failure(e, "kmem_cache_free");
        } finally {
            exit();
        }
    }

    @Override
    public boolean kmemCacheDestroy(KmemCache cache) {
        enter();
        try {
            machine.exchanges.requireObjects();
            boolean gone = machine.objects().destroyCache(cache);
            if (gone) {
                ledger.give("kmem_cache", cache.id());
            }
            return gone;
        } catch (RuntimeException e) {
            throw machine.failure(e, "kmem_cache_destroy");
        } finally {
            exit();
        }
    }
}

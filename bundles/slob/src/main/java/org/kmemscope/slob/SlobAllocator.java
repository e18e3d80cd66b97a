package org.kmemscope.slob;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;

/**
 * The SLOB of Linux 2.6.24 to 6.3 ({@code mm/slob.c}), a heap for small machines: "simple list of blocks".
 *
 * <p>Where what is kept:
 *
 * <pre>
 *   in RAM                free blocks and what links them, sizes before objects from kmalloc,
 *                         objects that wait for a grace period                                  {@link SlobMemory}
 *   in struct page        PG_slab; PG_private: on a list; links of the list;
 *                         free units, where the count of mappings is                            {@link PageLists}, {@link Heap}
 *   on the host           caches, first free unit of each page, which blocks are live           {@link Cache}, {@link LiveBlocks}
 * </pre>
 *
 * <p>What is in RAM can be overwritten by whoever writes wild. Linux's SLOB goes on with whatever it reads; here it is compared first, as
 * the numbers would lead out of the page.
 *
 * <p>Where it differs from Linux:
 *
 * <ul>
 *   <li>A pointer that is freed must be that of a live object; its size must end where another block begins. Linux believes both.
 *   <li>A mask is checked at every allocation, not only at one that takes pages.
 *   <li>A cache that has objects is not destroyed; the log says so. Linux destroys it without a word.
 *   <li>Before 3.12 Linux ran a constructor also when there was no memory, with NULL. In 2.6.24 {@code ksize} told 2 for every object of
 *       the heap.
 *   <li>What is in {@code kmem_cache} is not in RAM, though the block for it is taken.
 *   <li>A grace period of RCU lasts until the next tick. Pages of the heap have PG_slab in every version; before 2.6.31 it was PG_active.
 * </ul>
 */
final class SlobAllocator implements ObjectAllocator {
    private final Basis basis;
    private final Complaints complaints;
    private final Heap heap;
    private final WholePages wholePages;
    private final GracePeriod gracePeriod;
    private final ObjectPaths objects;
    private final CacheFactory factory;
    private final BlockFinder finder;
    private final SlobViews views;

    SlobAllocator(PageFloor floor, SlabHandover handover) {
        basis = Basis.of(floor);
        finder = new BlockFinder(basis);
        complaints = new Complaints(basis, finder);
        heap = new Heap(basis, complaints);
        wholePages = new WholePages(basis);
        gracePeriod = new GracePeriod(basis, heap, wholePages, complaints);
        objects = new ObjectPaths(basis, heap, wholePages, gracePeriod, complaints);
        factory = new CacheFactory(basis, heap, objects, gracePeriod, complaints);
        views = new SlobViews(basis, heap, finder);
        basis.caches().skipIds(handover.lastCacheId());
        handover.caches().forEach(factory::adopt);
    }

    @Override
    public String name() {
        return SlobProvider.NAME;
    }

    // ---- objects

    @Override
    public long kmalloc(long size, int gfp) {
        return objects.kmalloc(size, gfp);
    }

    @Override
    public void kfree(long object) {
        objects.kfree(object);
    }

    @Override
    public long ksize(long object) {
        return objects.ksize(object);
    }

    @Override
    public long allocObject(KmemCache cache, int gfp) {
        return objects.take(known(cache, "kmem_cache_alloc"), gfp);
    }

    @Override
    public void freeObject(KmemCache cache, long object) {
        objects.give(known(cache, "kmem_cache_free"), object);
    }

    // ---- caches

    private Cache known(KmemCache handle, String call) {
        Cache cache = basis.caches().byId(handle.id());
        if (cache == null) {
            throw complaints.noCache(call, handle);
        }
        return cache;
    }

    @Override
    public KmemCache createCache(CacheSpec spec) {
        return factory.create(spec);
    }

    @Override
    public boolean destroyCache(KmemCache cache) {
        return factory.destroy(known(cache, "kmem_cache_destroy"));
    }

    /** There is nothing to shrink: a page without a block in use goes back at once. */
    @Override
    public int shrinkCache(KmemCache cache) {
        known(cache, "kmem_cache_shrink");
        return 0;
    }

    @Override
    public KmemCache cache(String name) {
        Cache cache = basis.caches().byName(name);
        return cache == null ? KmemCache.NONE : cache.handle;
    }

    @Override
    public int objectSize(KmemCache cache) {
        return known(cache, "kmem_cache_size").size;
    }

    @Override
    public long kmallocMax() {
        return basis.rules().kmallocMax();
    }

    // ---- looking

    @Override
    public List<SlabCacheView> caches() {
        return views.caches();
    }

    @Override
    public Optional<ObjectView> objectAt(long virt) {
        return Optional.ofNullable(finder.find(virt))
                .filter(place -> place.part() == Place.Part.OBJECT || place.part() == Place.Part.FREE)
                .map(Place::view);
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        Place place = finder.find(virt);
        if (place != null) {
            facts.add(new AddressFact(SlobProvider.NAME, place.describe()));
        }
    }

    @Override
    public void verify(Verification report) {
        new SlobVerifier(basis, finder, heap, gracePeriod, report).run();
    }

    // ---- leaving and copying

    @Override
    public SlabHandover detach() {
        return new Departure(basis, heap, wholePages, finder).run();
    }

    @Override
    public void save(StateWriter out) {
        basis.caches().save(out);
        basis.blocks().save(out);
        basis.lists().save(out);
        heap.save(out);
        gracePeriod.save(out);
    }

    @Override
    public void restore(StateReader in) {
        basis.caches().restore(in);
        basis.blocks().restore(in);
        basis.lists().restore(in);
        heap.restore(in);
        gracePeriod.restore(in);
    }
}

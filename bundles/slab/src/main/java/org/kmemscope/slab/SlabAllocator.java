package org.kmemscope.slab;

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
 * The SLAB of Linux 2.6 and 3.x ({@code mm/slab.c}).
 *
 * <p>Where what is kept:
 *
 * <pre>
 *   in RAM                struct slab, free indexes, list heads, objects          {@link SlabMemory}
 *   in struct page        PG_slab, number of the cache, address of struct slab    {@link SlabMaker}
 *   on the host           caches, arrays of free objects, counters                {@link Cache}, {@link ObjectArray}
 *                         which objects are live                                  {@link LiveObjects}
 * </pre>
 *
 * <p>What is in RAM can be overwritten by whoever writes wild, and then the same goes wrong that goes wrong in Linux; it is told in
 * the words of CONFIG_DEBUG_SLAB where that would notice.
 *
 * <p>Where it differs from Linux without CONFIG_DEBUG_SLAB, which is never configured here:
 *
 * <ul>
 *   <li>A pointer that is freed must be that of a live object; a second free is refused. Linux would hand the object out twice.
 *   <li>A mask is checked at every allocation, not only at one that makes a slab.
 *   <li>The address of object 0 and the free indexes are compared with the cache's geometry before they are used.
 *   <li>What is in {@code array_cache}, {@code kmem_list3} but its list heads, and {@code kmem_cache} is not in RAM, though the
 *       objects for them are taken: writing over one of those harms nobody.
 *   <li>A grace period of RCU lasts until the next tick. There is one memory node.
 * </ul>
 */
final class SlabAllocator implements ObjectAllocator {
    private final Basis basis;
    private final GeneralCaches general;
    private final ObjectPaths objects;
    private final CacheFactory factory;
    private final ObjectFinder finder;
    private final SlabViews views;

    private SlabAllocator(Basis basis, SlabHandover handover) {
        this.basis = basis;
        general = new GeneralCaches(basis.caches(), basis.rules(), basis.masks());
        objects = new ObjectPaths(basis, general);
        ControlObjects control = new ControlObjects(basis, objects);
        factory = new CacheFactory(basis, general, objects, control);
        finder = new ObjectFinder(basis, objects.lists());
        views = new SlabViews(basis, finder, factory);
        Reaper reaper = new Reaper(basis, objects, control);
        basis.caches().startAfter(handover.lastCacheId());
        new Bootstrap(basis, general, objects, control, factory).run();
        handover.caches().forEach(this::recreate);
        reaper.start(basis.floor().profile().cpus());
    }

    /** An allocator with its boot caches and those of its predecessor. */
    static SlabAllocator boot(PageFloor floor, SlabHandover handover) {
        return new SlabAllocator(Basis.of(floor), handover);
    }

    private void recreate(SlabHandover.Cache left) {
        if (!factory.recreate(left.handle(), left.spec())) {
            throw new IllegalStateException(String.format(
                    "cache `%s' cannot be: its objects have %d bytes, here they have %d to %d, or there is no memory for it",
                    left.handle().name(), left.spec().size(), CacheGeometry.WORD, general.max()));
        }
    }

    @Override
    public String name() {
        return SlabProvider.NAME;
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
            throw objects.complaints().noCache(call, handle);
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

    @Override
    public int shrinkCache(KmemCache cache) {
        return factory.shrink(known(cache, "kmem_cache_shrink"));
    }

    @Override
    public KmemCache cache(String name) {
        Cache cache = basis.caches().byName(name);
        return cache == null ? KmemCache.NONE : cache.handle;
    }

    @Override
    public int objectSize(KmemCache cache) {
        return known(cache, "kmem_cache_size").geometry.size();
    }

    @Override
    public long kmallocMax() {
        return general.max();
    }

    @Override
    public SlabHandover detach() {
        return new Departure(basis, objects, factory).run();
    }

    // ---- looking

    @Override
    public List<SlabCacheView> caches() {
        return views.caches();
    }

    @Override
    public Optional<ObjectView> objectAt(long virt) {
        return Optional.ofNullable(finder.find(virt))
                .filter(place -> place.part() == Place.Part.OBJECT)
                .map(views::object);
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        views.describe(virt, facts);
    }

    @Override
    public void verify(Verification report) {
        new SlabVerifier(basis, objects, report).run();
    }

    // ---- copying

    @Override
    public void save(StateWriter out) {
        basis.caches().save(out);
        general.save(out);
        factory.save(out);
        basis.live().save(out);
        objects.maker().gracePeriod().save(out);
    }

    @Override
    public void restore(StateReader in) {
        basis.caches().restore(in);
        general.restore(in);
        factory.restore(in);
        basis.live().restore(in);
        objects.maker().gracePeriod().restore(in);
    }
}

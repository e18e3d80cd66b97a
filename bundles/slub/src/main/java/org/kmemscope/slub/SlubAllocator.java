package org.kmemscope.slub;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.RecordedSlabs;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;

/**
 * SLUB, the object allocator of Linux since 2.6.22 ({@code mm/slub.c}).
 *
 * <p>Where what is kept:
 *
 * <pre>
 *   in RAM                free pointers, shuffled orders, red zones, poison, tracks    {@link FreeLists}, {@link Debugging}
 *   in struct page        PG_slab, number of the slab                                  {@link Slabs}
 *   on the host           caches, what CPUs hold, the rest of struct slab              {@link Cache}, {@link Slabs}
 *                         which objects are live                                       {@link LiveBits}
 * </pre>
 *
 * <p>What is in RAM can be overwritten by whoever writes wild, and then the same goes wrong that goes wrong in Linux.
 *
 * <p>Where it differs from Linux without debug flags:
 *
 * <ul>
 *   <li>A pointer that is freed must be that of a live object; a second free is refused. Linux would hand the object out twice.
 *   <li>An object that is handed out must be a free one of its cache, wherever the free pointers led.
 *   <li>What is in {@code kmem_cache} and {@code kmem_cache_node} is not in RAM, though the objects for them are taken: writing over one
 *       of those harms nobody.
 *   <li>A grace period of RCU lasts until the next tick. There is one memory node.
 *   <li>Random numbers come from a seed.
 * </ul>
 */
final class SlubAllocator implements ObjectAllocator {
    private final Basis basis;
    private final Parts parts;
    private final KmallocCaches kmalloc;
    private final ObjectPaths objects;
    private final Shrinking shrinking;
    private final CacheFactory factory;
    private final SlubViews views;
    private final StateRecorder recorder;

    private SlubAllocator(Basis basis, SlabHandover handover) {
        this.basis = basis;
        parts = Parts.of(basis);
        kmalloc = new KmallocCaches(basis);
        objects = new ObjectPaths(basis, parts, kmalloc);
        shrinking = new Shrinking(basis, parts);
        factory = new CacheFactory(basis, parts, kmalloc, objects, shrinking);
        kmalloc.setFactory(factory);
        views = new SlubViews(basis, parts.finder());
        recorder = new StateRecorder(basis, parts);
        basis.caches().startAfter(handover.lastCacheId());
        factory.boot();
        handover.caches().forEach(this::recreate);
    }

    /** An allocator with its boot caches and those of its predecessor. */
    static SlubAllocator boot(PageFloor floor, SlabHandover handover) {
        return new SlubAllocator(Basis.of(floor), handover);
    }

    private void recreate(SlabHandover.Cache left) {
        if (!factory.recreate(left.handle(), left.spec())) {
            throw new IllegalStateException(String.format(
                    "cache `%s' cannot be: objects of %d bytes are too large for a slab, or there is no memory for it",
                    left.handle().name(), left.spec().size()));
        }
    }

    @Override
    public String name() {
        return SlubProvider.NAME;
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
        Cache cache = basis.caches().behind(handle);
        if (cache == null) {
            throw parts.complaints().noCache(call, handle);
        }
        return cache;
    }

    @Override
    public KmemCache createCache(CacheSpec spec) {
        return factory.create(spec);
    }

    @Override
    public boolean destroyCache(KmemCache cache) {
        return factory.destroy(cache, known(cache, "kmem_cache_destroy"));
    }

    @Override
    public int shrinkCache(KmemCache cache) {
        return shrinking.shrink(known(cache, "kmem_cache_shrink"));
    }

    @Override
    public int validateCache(KmemCache cache) {
        Cache known = known(cache, "validate_slab_cache");
        shrinking.flush(known);
        return parts.debugging().validate(known);
    }

    @Override
    public KmemCache cache(String name) {
        return basis.caches().handle(name);
    }

    @Override
    public int objectSize(KmemCache cache) {
        return known(cache, "kmem_cache_size").objectSize;
    }

    @Override
    public long kmallocMax() {
        return basis.rules().kmalloc().largest();
    }

    @Override
    public long strayObjects() {
        return parts.debugging().stray();
    }

    @Override
    public SlabHandover detach() {
        return new Departure(basis, parts, objects, factory).run();
    }

    // ---- looking

    @Override
    public List<SlabCacheView> caches() {
        return views.caches();
    }

    @Override
    public Optional<ObjectView> objectAt(long virt) {
        return Optional.ofNullable(parts.finder().find(virt))
                .filter(place -> place.part() == Place.Part.OBJECT || place.part() == Place.Part.LARGE)
                .map(views::object);
    }

    @Override
    public Optional<RecordedSlabs> recorded() {
        return Optional.of(recorder);
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        views.describe(virt, facts);
    }

    @Override
    public void verify(Verification report) {
        new SlubVerifier(basis, parts, report).run();
    }

    /** Errors that were reported and mended until now, as the kernel's own tests count them. */
    long errors() {
        return parts.debugging().reports().errors();
    }

    // ---- copying

    @Override
    public void save(StateWriter out) {
        basis.caches().save(out);
        basis.slabs().save(out);
        basis.chance().save(out);
        kmalloc.save(out);
        factory.save(out);
        parts.maker().gracePeriod().save(out);
        parts.debugging().save(out);
    }

    @Override
    public void restore(StateReader in) {
        basis.caches().restore(in);
        basis.slabs().restore(in);
        basis.chance().restore(in);
        kmalloc.restore(in);
        factory.restore(in);
        parts.maker().gracePeriod().restore(in);
        parts.debugging().restore(in);
    }
}

package org.kmemscope.slab;

import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** Makes and destroys caches: {@code kmem_cache_create}, {@code enable_cpucache}, {@code kmem_cache_destroy}. */
final class CacheFactory implements Stateful {
    /** {@code SLAB_*} flags that want CONFIG_DEBUG_SLAB, which this model does not have. */
    static final int DEBUG_FLAGS = SlabFlag.SLAB_CONSISTENCY_CHECKS.bit()
            | SlabFlag.SLAB_RED_ZONE.bit()
            | SlabFlag.SLAB_POISON.bit()
            | SlabFlag.SLAB_STORE_USER.bit();

    private static final int MAX_ALIGN = 1 << 25;
    private static final String MUTEX = "kernel/mutex.c";
    /** Room in arrays of free objects: the larger the objects, the fewer; by size above which it holds. */
    private static final int[][] LIMITS = {{131072, 1}, {Profile.PAGE_SIZE, 8}, {1024, 24}, {256, 54}, {0, 120}};
    /** A shared array has room for so many batches. */
    private static final int SHARED_FACTOR = 8;

    private final Basis basis;
    private final CacheTable caches;
    private final GeneralCaches general;
    private final ObjectPaths objects;
    private final ControlObjects control;
    private final ExecutionContext context;
    private final KernelLog log;
    /** The cache of {@code struct kmem_cache}; known once that is made. */
    private int descriptorCache = Cache.NO_CACHE;

    CacheFactory(Basis basis, GeneralCaches general, ObjectPaths objects, ControlObjects control) {
        this.basis = basis;
        this.general = general;
        this.objects = objects;
        this.control = control;
        caches = basis.caches();
        context = basis.floor().context();
        log = basis.floor().log();
    }

    // ---- making

    KmemCache create(CacheSpec spec) {
        int size = spec.size();
        if (context.inInterrupt()
                || size < CacheGeometry.WORD
                || size > basis.rules().kmallocMax()) {
            log.printk(KernelLog.ERR, "kmem_cache_create: Early error in slab " + spec.name());
            throw new KernelBug("kernel BUG at mm/slab.c: kmem_cache_create() of `" + spec.name() + "' with "
                    + (context.inInterrupt()
                            ? "interrupts being served"
                            : "size " + size + ", which is not within " + CacheGeometry.WORD + " to "
                                    + basis.rules().kmallocMax()));
        }
        int align = spec.align();
        if (align < 0 || align > MAX_ALIGN || Integer.bitCount(align) > 1) {
            throw new IllegalArgumentException(
                    "alignment " + align + " is no power of two; one looks like 8 or 64, and 0 is none");
        }
        context.mightSleep(MUTEX);
        if (caches.byName(spec.name()) != null) {
            log.printk(KernelLog.ERR, String.format(basis.rules().duplicateWords(), spec.name()));
            return failed(spec);
        }
        if ((spec.flags() & DEBUG_FLAGS) != 0) {
            throw new KernelBug("kernel BUG at mm/slab.c: kmem_cache_create() of `" + spec.name() + "' with "
                    + SlabFlag.of(spec.flags() & DEBUG_FLAGS) + ", which takes CONFIG_DEBUG_SLAB");
        }
        KmemCache handle = new KmemCache(caches.nextId(), spec.name());
        return make(handle, spec) ? handle : failed(spec);
    }

    /** Makes the cache of a predecessor again, under the handle that its users hold; false if it cannot be. */
    boolean recreate(KmemCache handle, CacheSpec spec) {
        return spec.size() >= CacheGeometry.WORD && spec.size() <= basis.rules().kmallocMax() && make(handle, spec);
    }

    private boolean make(KmemCache handle, CacheSpec spec) {
        int gfp = basis.floor().gfp().of(Gfp.GFP_KERNEL);
        CacheGeometry geometry = CacheGeometry.of(
                spec.size(), spec.align(), spec.flags(), false, basis.rules().geometry());
        long descriptor =
                objects.take(caches.byId(descriptorCache), gfp | basis.masks().zero());
        if (descriptor == 0) {
            return false;
        }
        if (!geometry.fits()) {
            log.printk(KernelLog.ERR, "kmem_cache_create: couldn't create cache " + spec.name() + ".");
            objects.give(caches.byId(descriptorCache), descriptor);
            return false;
        }
        Cache cache = newCache(handle, spec, geometry, descriptor);
        if (!enable(cache, gfp)) {
            control.release(cache);
            objects.give(caches.byId(descriptorCache), descriptor);
            caches.remove(cache);
            return false;
        }
        caches.chainFirst(cache);
        return true;
    }

    private static KmemCache failed(CacheSpec spec) {
        if ((spec.flags() & SlabFlag.SLAB_PANIC.bit()) != 0) {
            throw new KernelBug(
                    "Kernel panic - not syncing: kmem_cache_create(): failed to create slab `" + spec.name() + "'");
        }
        return KmemCache.NONE;
    }

    /** A cache that is known by its number, without arrays and list heads. */
    private Cache newCache(KmemCache handle, CacheSpec spec, CacheGeometry geometry, long descriptor) {
        Cache management = geometry.offSlab() ? general.find(geometry.managementSize(), 0) : null;
        Cache cache = new Cache(
                        handle,
                        spec,
                        geometry,
                        management == null ? Cache.NO_CACHE : management.id,
                        basis.floor().trace().callSites().id(spec.name()),
                        descriptor)
                .useMasks(basis.masks());
        cache.arrays = new ObjectArray[0];
        caches.add(cache);
        return cache;
    }

    /** The cache of {@code struct kmem_cache} ({@code cache_cache}), first of all; its own is a static one. */
    Cache createDescriptorCache() {
        int size = basis.rules().sizes().descriptor();
        CacheSpec spec = new CacheSpec("kmem_cache", size, 0, 0, ObjectConstructor.NONE);
        Cache cache = newCache(
                boot(spec),
                spec,
                CacheGeometry.ofDescriptors(size, basis.rules().geometry()),
                0);
        descriptorCache = cache.id;
        caches.chainFirst(cache);
        return cache;
    }

    /**
     * A general cache, at boot.
     *
     * @param early whether its management must stay on the slab
     */
    Cache createGeneral(String name, int size, int flags, boolean early) {
        CacheSpec spec = new CacheSpec(
                name,
                size,
                basis.rules().generalAlign(),
                flags | SlabFlag.SLAB_HWCACHE_ALIGN.bit() | SlabFlag.SLAB_PANIC.bit(),
                ObjectConstructor.NONE);
        CacheGeometry geometry = CacheGeometry.of(
                size, spec.align(), spec.flags(), early, basis.rules().geometry());
        long descriptor = objects.take(
                caches.byId(descriptorCache),
                basis.rules().earlyGfp() | basis.masks().zero());
        if (descriptor == 0 || !geometry.fits()) {
            failed(spec);
        }
        return newCache(boot(spec), spec, geometry, descriptor);
    }

    private KmemCache boot(CacheSpec spec) {
        return new KmemCache(caches.nextId(), spec.name());
    }

    /** Whether a cache is the allocator's own: nobody created it. */
    boolean isOwn(Cache cache) {
        return cache.id == descriptorCache || general.contains(cache);
    }

    /** Gives a cache its final arrays ({@code enable_cpucache}). */
    boolean enable(Cache cache, int gfp) {
        int size = cache.geometry.size();
        int limit = 0;
        for (int row = 0; limit == 0; row++) {
            limit = size > LIMITS[row][0] ? LIMITS[row][1] : 0;
        }
        // objects are often allocated on one CPU and freed on another: a shared array takes them back
        int factor = basis.rules().sharedArrays() && size <= Profile.PAGE_SIZE ? SHARED_FACTOR : 0;
        return control.tune(cache, limit, (limit + 1) / 2, factor, gfp);
    }

    // ---- destroying

    boolean destroy(Cache cache) {
        refuseInInterrupt("kmem_cache_destroy", cache);
        if (isOwn(cache)) {
            throw new KernelBug("kernel BUG at mm/slab.c: kmem_cache_destroy() of `" + cache.name()
                    + "', which the kernel itself needs");
        }
        objects.shrink(cache);
        if (objects.lists().hasObjectsInUse(cache)) {
            log.printk(KernelLog.ERR, String.format(basis.rules().notEmptyWords(), cache.name()));
            caches.chainFirst(cache);
            return false;
        }
        if (cache.has(SlabFlag.SLAB_TYPESAFE_BY_RCU)) {
            objects.maker().gracePeriod().end();
        }
        control.release(cache);
        objects.give(caches.byId(descriptorCache), cache.descriptor);
        caches.remove(cache);
        return true;
    }

    /** Gives empty slabs back; the number of pages. */
    int shrink(Cache cache) {
        refuseInInterrupt("kmem_cache_shrink", cache);
        return objects.shrink(cache) << cache.geometry.order();
    }

    private void refuseInInterrupt(String call, Cache cache) {
        if (context.inInterrupt()) {
            throw new KernelBug("kernel BUG at mm/slab.c: " + call + "() of `" + cache.name() + "' in interrupt");
        }
        context.mightSleep(MUTEX);
    }

    int descriptorCache() {
        return descriptorCache;
    }

    // ---- copying

    @Override
    public void save(StateWriter out) {
        out.putInt(descriptorCache);
    }

    @Override
    public void restore(StateReader in) {
        descriptorCache = in.getInt();
    }
}

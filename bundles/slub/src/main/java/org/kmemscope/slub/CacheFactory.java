package org.kmemscope.slub;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** Makes, merges and destroys caches: {@code kmem_cache_create}, {@code kmem_cache_open}, {@code kmem_cache_destroy}. */
final class CacheFactory implements Stateful {
    private static final String MUTEX = "kernel/locking/mutex.c";
    private static final int EINVAL = -22;
    private static final int MAX_ALIGN = 1 << 25;

    private final Basis basis;
    private final SlubRules rules;
    private final CacheTable caches;
    private final Merging merging;
    private final KmallocCaches kmalloc;
    private final ObjectPaths objects;
    private final Shrinking shrinking;
    private final FreeLists freeLists;
    private final Reports reports;
    private final ExecutionContext context;
    private final KernelLog log;
    /** What users have asked for, by the number of the handle they got. */
    private final Map<Integer, CacheSpec> created = new LinkedHashMap<>();
    /** Caches of {@code struct kmem_cache} and {@code struct kmem_cache_node}; null where there are none, or not yet. */
    private Cache descriptors;

    private Cache nodes;

    CacheFactory(Basis basis, Parts parts, KmallocCaches kmalloc, ObjectPaths objects, Shrinking shrinking) {
        this.basis = basis;
        this.kmalloc = kmalloc;
        this.objects = objects;
        this.shrinking = shrinking;
        rules = basis.rules();
        caches = basis.caches();
        merging = new Merging(basis);
        freeLists = parts.freeLists();
        reports = parts.debugging().reports();
        context = basis.floor().context();
        log = basis.floor().log();
    }

    // ---- making

    KmemCache create(CacheSpec spec) {
        if (context.inInterrupt() || spec.size() <= 0) {
            throw new KernelBug("kernel BUG at mm/slub.c: kmem_cache_create() of `" + spec.name() + "' "
                    + (context.inInterrupt() ? "with interrupts being served" : "with size " + spec.size()));
        }
        if (spec.align() < 0 || spec.align() > MAX_ALIGN) {
            throw new IllegalArgumentException(
                    "alignment " + spec.align() + " is out of range; one looks like 8 or 64, and 0 is none");
        }
        context.mightSleep(MUTEX);
        Cache cache = mergedOrNew(spec);
        if (cache == null) {
            return failed(spec);
        }
        KmemCache handle = caches.addHandle(cache, spec.name());
        created.put(handle.id(), spec);
        return handle;
    }

    /** Makes the cache of a predecessor again, under the handle that its users hold; false if it cannot be. */
    boolean recreate(KmemCache handle, CacheSpec spec) {
        Cache cache = spec.size() > 0 ? mergedOrNew(spec) : null;
        if (cache != null) {
            caches.bindHandle(handle, cache);
            created.put(handle.id(), spec);
        }
        return cache != null;
    }

    /** The cache that can serve as well, or a new one; null if there can be none. */
    private Cache mergedOrNew(CacheSpec spec) {
        int flags = rules.flags(spec.name(), spec.flags());
        Cache same = merging.find(spec, flags);
        if (same != null) {
            same.objectSize = Math.max(same.objectSize, spec.size());
            same.inUse = Math.max(same.inUse, ObjectLayout.roundUp(spec.size(), ObjectLayout.WORD));
            return same;
        }
        int gfp = basis.floor().gfp().of(Gfp.GFP_KERNEL);
        Cache cache = open(spec, flags, false, true);
        if (cache == null || !furnish(cache, gfp)) {
            return null;
        }
        caches.add(cache);
        return cache;
    }

    /** What users have asked for, by the number of the handle they got, oldest first. */
    Map<Integer, CacheSpec> created() {
        return Collections.unmodifiableMap(created);
    }

    private KmemCache failed(CacheSpec spec) {
        Words words = rules.words();
        if ((spec.flags() & SlabFlag.SLAB_PANIC.bit()) != 0) {
            throw new KernelBug("Kernel panic - not syncing: " + String.format(words.panics(), spec.name(), EINVAL));
        }
        if (!words.notMade().isEmpty()) {
            log.printk(KernelLog.WARNING, String.format(words.notMade(), spec.name(), EINVAL));
        }
        return KmemCache.NONE;
    }

    /** A cache that nobody knows yet; null if its objects are too large ({@code kmem_cache_open()}). */
    private Cache open(CacheSpec spec, int flags, boolean ofKmalloc, boolean shared) {
        boolean constructed = spec.constructor() != ObjectConstructor.NONE;
        ObjectLayout.Rules layoutRules = rules.layout();
        int align = layoutRules.align(spec.align(), spec.size(), flags);
        int made = flags;
        ObjectLayout layout = ObjectLayout.of(spec.size(), align, made, constructed, ofKmalloc, layoutRules);
        if (rules.debugOptions().sparesOrder() && SlabOrders.least(layout.size()) > SlabOrders.least(spec.size())) {
            made &= ~DebugOptions.ENLARGING;
            layout = ObjectLayout.of(spec.size(), align, made, constructed, ofKmalloc, layoutRules);
        }
        int order = rules.orders().of(layout.size());
        if (order == SlabOrders.NONE) {
            return null;
        }
        int perSlab = SlabOrders.objects(order, layout.size());
        int minOrder = SlabOrders.least(layout.size());
        int cpuPartial = (made & Cache.DEBUG_FLAGS) == 0 ? rules.partials().objects(layout.size()) : 0;
        Cache cache = new Cache(
                new Cache.Made(
                        caches.nextNumber(),
                        spec.name(),
                        made,
                        spec.constructor(),
                        ofKmalloc,
                        shared,
                        layout,
                        order,
                        perSlab,
                        minOrder,
                        SlabOrders.objects(minOrder, layout.size()),
                        addedGfp(made, order),
                        rules.minPartial().of(layout.size()),
                        cpuPartial,
                        rules.partials().slabs(cpuPartial, perSlab),
                        rules.pointers() == FreePointers.PLAIN
                                ? 0
                                : basis.chance().word()),
                basis.floor().profile().cpus());
        cache.objectSize = spec.size();
        cache.traceName = basis.floor().trace().callSites().id(spec.name());
        return cache;
    }

    private int addedGfp(int flags, int order) {
        GfpMasks masks = basis.masks();
        int added = order > 0 ? masks.comp() : 0;
        if ((flags & SlabFlag.SLAB_CACHE_DMA.bit()) != 0) {
            added |= masks.dma();
        }
        if ((flags & SlabFlag.SLAB_RECLAIM_ACCOUNT.bit()) != 0) {
            added |= masks.reclaimable();
        }
        return added;
    }

    /** Takes the objects that a cache itself needs; false if there is no memory. */
    private boolean furnish(Cache cache, int gfp) {
        StructSizes sizes = rules.sizes();
        cache.descriptor = sizes.cached() ? objects.take(descriptors, gfp) : objects.kmalloc(sizes.descriptor(), gfp);
        if (cache.descriptor != 0 && sizes.cached()) {
            cache.node = objects.take(nodes, gfp);
        }
        boolean all = cache.descriptor != 0 && (!sizes.cached() || cache.node != 0) && shuffle(cache, gfp);
        if (!all) {
            dismantle(cache);
        }
        return all;
    }

    /** Draws the order of objects, if the kernel shuffles; false if there is no memory for it. */
    private boolean shuffle(Cache cache, int gfp) {
        if (!rules.shuffles() || cache.made.objects() < 2 || cache.sequence != 0) {
            return true;
        }
        cache.sequence = objects.kmalloc(FreeLists.sequenceBytes(cache.made.objects()), gfp);
        if (cache.sequence == 0) {
            return false;
        }
        freeLists.drawSequence(cache);
        return true;
    }

    private void dismantle(Cache cache) {
        if (cache.sequence != 0) {
            objects.kfree(cache.sequence);
        }
        if (cache.node != 0) {
            objects.give(nodes, cache.node);
        }
        if (cache.descriptor != 0 && rules.sizes().cached()) {
            objects.give(descriptors, cache.descriptor);
        } else if (cache.descriptor != 0) {
            objects.kfree(cache.descriptor);
        }
    }

    // ---- at boot

    /**
     * The caches of the allocator's own structures, and kmalloc's ({@code kmem_cache_init()}).
     *
     * <ol>
     *   <li>The cache of nodes and that of descriptors are static ones at first; so is the first node.
     *   <li>They get objects of each other: from then on they are caches like others.
     *   <li>kmalloc's caches, kind by kind.
     *   <li>Only now there is memory for the shuffled orders of all of them, the newest cache first.
     * </ol>
     */
    void boot() {
        int gfp = rules.earlyGfp();
        StructSizes sizes = rules.sizes();
        if (sizes.cached()) {
            nodes = bootCache("kmem_cache_node", sizes.node());
            descriptors = bootCache("kmem_cache", sizes.descriptor());
            nodes.node = need(objects.take(nodes, gfp));
            descriptors.node = need(objects.take(nodes, gfp));
            descriptors.descriptor = need(objects.take(descriptors, gfp));
            nodes.descriptor = need(objects.take(descriptors, gfp));
            // the copies come into the list in this order
            caches.listFirst(sizes.asKmalloc() ? descriptors : nodes);
            caches.listFirst(sizes.asKmalloc() ? nodes : descriptors);
        }
        for (KmallocRules.Family family : rules.kmalloc().families()) {
            boolean later = rules.kmalloc().dmaOnDemand() && family.kind() == KmallocRules.Kind.DMA;
            for (int size : later ? List.<Integer>of() : rules.kmalloc().sizes()) {
                createKmalloc(family.kind(), size);
            }
        }
        for (Cache cache : caches.all()) {
            if (!shuffle(cache, gfp)) {
                throw noMemory();
            }
        }
    }

    private Cache bootCache(String name, int size) {
        int align = rules.sizes().asKmalloc() ? rules.kmalloc().align(size) : 0;
        CacheSpec spec = new CacheSpec(name, size, align, SlabFlag.SLAB_HWCACHE_ALIGN.bit(), ObjectConstructor.NONE);
        int flags = rules.flags(name, spec.flags());
        Cache cache = open(spec, flags, false, false);
        caches.add(cache);
        caches.addHandle(cache, name);
        return cache;
    }

    private static long need(long object) {
        if (object == 0) {
            throw noMemory();
        }
        return object;
    }

    private static KernelBug noMemory() {
        return new KernelBug("kernel BUG at mm/slub.c: kmem_cache_init() without memory");
    }

    /** A cache of kmalloc. */
    Cache createKmalloc(KmallocRules.Kind kind, int size) {
        KmallocRules.Family family = rules.kmalloc().families().stream()
                .filter(candidate -> candidate.kind() == kind)
                .findFirst()
                .orElseThrow();
        String name = String.format(family.names(), rules.kmalloc().label(size));
        int ofKind =
                switch (kind) {
                    case NORMAL -> 0;
                    case CGROUP -> SlabFlag.SLAB_ACCOUNT.bit();
                    case RECLAIM -> SlabFlag.SLAB_RECLAIM_ACCOUNT.bit();
                    case DMA -> SlabFlag.SLAB_CACHE_DMA.bit();
                };
        int flags = rules.flags(name, ofKind);
        CacheSpec spec = new CacheSpec(name, size, rules.kmalloc().align(size), flags, ObjectConstructor.NONE);
        Cache cache = open(spec, flags, true, rules.kmalloc().shared());
        int gfp = rules.earlyGfp();
        if (rules.sizes().cached()) {
            cache.descriptor = need(objects.take(descriptors, gfp));
            cache.node = need(objects.take(nodes, gfp));
        } else if (kind == KmallocRules.Kind.DMA) {
            cache.descriptor = objects.kmalloc(rules.sizes().descriptor(), gfp);
            if (cache.descriptor == 0) {
                return null;
            }
        }
        caches.add(cache);
        caches.addHandle(cache, name);
        kmalloc.set(kind, size, cache);
        return cache;
    }

    // ---- destroying

    boolean destroy(KmemCache handle, Cache cache) {
        if (context.inInterrupt()) {
            throw new KernelBug("kernel BUG at mm/slub.c: kmem_cache_destroy() of `" + cache.name() + "' in interrupt");
        }
        context.mightSleep(MUTEX);
        if (cache == descriptors || cache == nodes || kmalloc.contains(cache) && cache.references == 1) {
            throw new KernelBug("kernel BUG at mm/slub.c: kmem_cache_destroy() of `" + cache.name()
                    + "', which the kernel itself needs");
        }
        if (cache.references > 1) {
            caches.removeHandle(handle);
            created.remove(handle.id());
            return true;
        }
        if (!shrinking.empty(cache)) {
            Warnings.log(
                    basis,
                    KernelLog.ERR,
                    String.format(
                            rules.words().notEmpty(),
                            cache.name(),
                            basis.floor().trace().callSites().text(context.callSite())),
                    "mm/slab_common.c kmem_cache_destroy");
            reports.count();
            return false;
        }
        dismantle(cache);
        caches.removeHandle(handle);
        created.remove(handle.id());
        caches.remove(cache);
        return true;
    }

    // ---- copying

    @Override
    public void save(StateWriter out) {
        out.putInt(descriptors == null ? Cache.NO_CACHE : descriptors.number);
        out.putInt(nodes == null ? Cache.NO_CACHE : nodes.number);
        out.putInt(created.size());
        created.forEach((handle, spec) -> {
            out.putInt(handle);
            spec.save(out);
        });
    }

    @Override
    public void restore(StateReader in) {
        descriptors = caches.byNumber(in.getInt());
        nodes = caches.byNumber(in.getInt());
        created.clear();
        for (int left = in.getInt(); left > 0; left--) {
            created.put(in.getInt(), CacheSpec.restore(in));
        }
    }
}

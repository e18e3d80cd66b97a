package org.kmemscope.slob;

import java.nio.charset.StandardCharsets;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.slab.SlabHandover;

/**
 * Makes and destroys caches. A cache is little more than a size: a {@code struct kmem_cache} in the heap and, since 3.7, a copy of its
 * name.
 */
final class CacheFactory {
    private static final String FILE = "mm/slob.c";

    private final Basis basis;
    private final CacheTable caches;
    private final SlobRules rules;
    private final Heap heap;
    private final ObjectPaths objects;
    private final GracePeriod gracePeriod;
    private final Complaints complaints;
    private final ExecutionContext context;
    private final AddressLayout layout;
    private final int gfp;

    CacheFactory(Basis basis, Heap heap, ObjectPaths objects, GracePeriod gracePeriod, Complaints complaints) {
        this.basis = basis;
        this.heap = heap;
        this.objects = objects;
        this.gracePeriod = gracePeriod;
        this.complaints = complaints;
        caches = basis.caches();
        rules = basis.rules();
        context = basis.floor().context();
        layout = basis.floor().layout();
        gfp = basis.masks().kernel();
    }

    // ---- making

    KmemCache create(CacheSpec spec) {
        int align = spec.align();
        if (align < 0 || Integer.bitCount(align) > 1) {
            throw new IllegalArgumentException(
                    "alignment " + align + " is no power of two; one looks like 8 or 64, and 0 is none");
        }
        if (spec.size() <= 0 || spec.size() > rules.kmallocMax()) {
            throw complaints.badSize(spec.name(), spec.size());
        }
        context.mightSleep(FILE);
        if (!make(new KmemCache(caches.nextId(), spec.name()), spec)) {
            if ((spec.flags() & SlabFlag.SLAB_PANIC.bit()) != 0) {
                throw new KernelBug("Kernel panic - not syncing: " + String.format(rules.panicWords(), spec.name()));
            }
            return KmemCache.NONE;
        }
        return caches.newestFirst().get(0).handle;
    }

    /**
     * Makes a cache that another allocator has left, under the handle that its users hold.
     *
     * @throws IllegalStateException if it cannot be one of SLOB's, or there is no memory for it
     */
    void adopt(SlabHandover.Cache left) {
        if (left.spec().size() > rules.kmallocMax()) {
            throw new IllegalStateException(
                    "slob has no objects of " + left.spec().size() + " bytes, as cache `"
                            + left.handle().name() + "' wants; " + rules.kmallocMax() + " is the most");
        }
        if (!make(left.handle(), left.spec())) {
            throw new IllegalStateException(
                    "slob has no memory for cache `" + left.handle().name() + "'");
        }
    }

    /** Makes a cache that answers to a handle; false if there is no memory for it, and then nothing is left of it. */
    private boolean make(KmemCache handle, CacheSpec spec) {
        int kind = caches.freeKind();
        if (kind == LiveBlocks.NONE) {
            return false;
        }
        long descriptor = heap.take(rules.descriptorSize(), gfp, rules.kmallocAlign(), 0, LiveBlocks.DESCRIPTOR);
        if (descriptor == 0) {
            return false;
        }
        long name = 0;
        if (rules.copiesNames()) {
            byte[] text = (spec.name() + '\0').getBytes(StandardCharsets.ISO_8859_1);
            name = objects.small(text.length, gfp, LiveBlocks.NAME);
            if (name == 0) {
                giveDescriptor(descriptor);
                return false;
            }
            basis.memory().writeText(name, text);
        }
        int align = rules.cacheAlign(spec.size(), spec.align(), spec.flags());
        int traceName = basis.floor().trace().callSites().id(spec.name());
        caches.add(new Cache(handle, spec, kind, align, traceName, descriptor, name));
        return true;
    }

    // ---- destroying

    boolean destroy(Cache cache) {
        context.mightSleep(FILE);
        if (cache.live() > 0) {
            basis.floor()
                    .log()
                    .printk(
                            KernelLog.ERR,
                            String.format(
                                    "kmemscope: cache `%s' has %d objects in use and stays; SLOB itself counts none, and would"
                                            + " let it go",
                                    cache.handle.name(), cache.live()));
            return false;
        }
        if (cache.afterGracePeriod()) {
            gracePeriod.end();
        }
        if (cache.name != 0) {
            objects.giveName(cache.name);
        }
        giveDescriptor(cache.descriptor);
        caches.remove(cache);
        return true;
    }

    private void giveDescriptor(long descriptor) {
        heap.give(layout.virtToPfn(descriptor), SlobMemory.unitOf(descriptor), rules.descriptorSize());
    }
}

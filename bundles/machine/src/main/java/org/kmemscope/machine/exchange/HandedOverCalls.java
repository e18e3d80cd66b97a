package org.kmemscope.machine.exchange;

import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;

/**
 * The calls that have to do with an object which was handed over, by the rules of the allocator that made it. Every address here lies in
 * a block of {@link HandedOver}. A pointer must be the first byte of a live object; what else it is, is told in the kernel's words.
 */
final class HandedOverCalls {
    private static final String KFREE = "kfree";
    private static final String CACHE_FREE = "kmem_cache_free";

    private final HandedOver store;
    private final HandedOverPlaces places;
    private final ExecutionContext context;
    private final Tracepoints trace;
    private final KernelLog log;

    HandedOverCalls(ExchangeSite site, HandedOver store, HandedOverPlaces places) {
        this.store = store;
        this.places = places;
        context = site.context();
        trace = site.trace();
        log = site.log();
    }

    void kfree(long virt) {
        if (trace.on(TracePoint.KFREE)) {
            trace.fire(TracePoint.KFREE, context.callSite(), virt);
        }
        int block = store.block(virt);
        store.free(block, live(block, virt, KFREE));
    }

    long ksize(long virt) {
        return store.objects().size(live(store.block(virt), virt, "ksize"));
    }

    void freeObject(KmemCache cache, long virt) {
        int block = store.block(virt);
        int object = store.objectAt(block, virt);
        if (object != HandedOver.NONE && !places.isOf(block, object, cache)) {
            throw wrongCache(cache, virt, store.from(block), places.cacheOf(block, object));
        }
        store.free(block, live(block, virt, CACHE_FREE));
        if (trace.on(TracePoint.KMEM_CACHE_FREE)) {
            trace.fire(
                    TracePoint.KMEM_CACHE_FREE,
                    context.callSite(),
                    virt,
                    trace.callSites().id(cache.name()));
        }
    }

    /** The live object that begins at an address. */
    private int live(int block, long virt, String call) {
        int object = store.objectAt(block, virt);
        if (object != HandedOver.NONE
                && store.address(block, object) == virt
                && store.objects().isLive(object)) {
            return object;
        }
        String from = store.from(block);
        String what = String.format("%s() of 0x%08x, %s", call, virt, places.describe(virt));
        if (object == HandedOver.NONE || store.address(block, object) != virt) {
            throw new KernelBug(ExchangeWords.bug(from) + what);
        }
        String words = ExchangeWords.doubleFree(from, places.cacheOf(block, object));
        log.printk(KernelLog.ERR, words);
        throw new KernelBug(ExchangeWords.bug(from) + words + " (" + what + ")");
    }

    private KernelBug wrongCache(KmemCache cache, long virt, String from, String owner) {
        String words = ExchangeWords.wrongCache(from, cache.name(), owner);
        if (!words.isEmpty()) {
            log.printk(KernelLog.ERR, words);
        }
        return new KernelBug(String.format(
                "%s%s() to cache `%s' of 0x%08x, which is of cache `%s'",
                ExchangeWords.bug(from), CACHE_FREE, cache.name(), virt, owner));
    }
}

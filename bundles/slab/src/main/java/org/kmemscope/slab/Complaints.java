package org.kmemscope.slab;

import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.SlabFlag;

/** What is said of a wrong pointer or mask, in the words of the kernel, and what it was wrong about. */
final class Complaints {
    private static final String BUG = "kernel BUG at mm/slab.c: ";

    private final Basis basis;
    private final ObjectFinder finder;

    Complaints(Basis basis, ObjectFinder finder) {
        this.basis = basis;
        this.finder = finder;
    }

    /** A pointer that is not that of a live object. */
    KernelBug badFree(String call, long address) {
        if (!basis.memory().isReadable(address)) {
            // kfree_debugcheck(), with CONFIG_DEBUG_SLAB; without it Linux reads a struct page that is not there
            return logged(
                    String.format("kfree_debugcheck: out of range ptr %xh.", address), "not an address of low memory");
        }
        Place place = finder.find(address);
        if (place == null) {
            PageFrames frames = basis.floor().frames();
            int pfn = basis.floor().layout().virtToPfn(address);
            return new KernelBug(BUG
                    + String.format(
                            "%s() of 0x%08x, which is in no slab: pfn 0x%x, flags %s",
                            call, address, pfn, PageFlag.of(frames.flags(pfn))));
        }
        if (place.part() != Place.Part.OBJECT || place.offset() != 0) {
            return new KernelBug(
                    BUG + String.format("%s() of 0x%08x, which is no object: %s", call, address, place.describe()));
        }
        // verify_redzone_free(), with CONFIG_DEBUG_SLAB
        return logged(
                String.format(
                        "slab error in verify_redzone_free(): cache `%s': double free detected",
                        place.cache().name()),
                String.format("%s() of 0x%08x, %s", call, address, place.describe()));
    }

    private KernelBug logged(String words, String why) {
        basis.floor().log().printk(KernelLog.ERR, words);
        return new KernelBug(BUG + words + " (" + why + ")");
    }

    /** A free chain that led to an object that somebody holds. */
    KernelBug handedOutTwice(long address) {
        Place place = finder.find(address);
        return logged(
                String.format(
                        "slab: Internal list corruption detected in cache '%s'(%d)",
                        place.cache().name(), place.cache().geometry.objects()),
                "its free chain led to " + place.describe());
    }

    /** An object that is freed to a cache it is not of ({@code BUG_ON(virt_to_cache(objp) != cachep)}). */
    KernelBug wrongCache(Cache cache, long address) {
        Place place = finder.find(address);
        return place == null
                ? badFree("kmem_cache_free", address)
                : new KernelBug(BUG
                        + String.format(
                                "kmem_cache_free() to cache `%s' of 0x%08x, which is of cache `%s'",
                                cache.name(), address, place.cache().name()));
    }

    /** A mask that this cache cannot serve. */
    KernelBug badMask(Cache cache, int gfp) {
        String words = String.format("mask 0x%x (%s)", gfp, basis.floor().gfp().names(gfp));
        if ((gfp & basis.masks().refused()) != 0) {
            return new KernelBug(BUG + words + " for cache `" + cache.name()
                    + "': an object has an address in the linear mapping, so its pages come from no higher zone");
        }
        return new KernelBug(BUG
                + (cache.has(SlabFlag.SLAB_CACHE_DMA)
                        ? words + " without GFP_DMA for cache `" + cache.name() + "', which is of ZONE_DMA"
                        : words + " with GFP_DMA for cache `" + cache.name()
                                + "', which was made without SLAB_CACHE_DMA"));
    }

    /** A request by a handle that stands for no cache. */
    KernelBug noCache(String call, KmemCache handle) {
        if (handle.id() == Cache.NO_CACHE) {
            // what the kernel does with a NULL cache: it reads its array of this CPU, and oopses
            basis.floor().mmu().read32((long) basis.floor().context().cpu() * CacheGeometry.WORD);
        }
        return new KernelBug(BUG + call + "() with cache `" + handle.name() + "', which does not exist any more");
    }
}

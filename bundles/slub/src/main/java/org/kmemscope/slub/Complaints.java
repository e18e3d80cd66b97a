package org.kmemscope.slub;

import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.KmemCache;

/** What is said of a wrong pointer, in the words of the kernel where it has some, and what it was wrong about. */
final class Complaints {
    private static final String BUG = "kernel BUG at mm/slub.c: ";

    private final Basis basis;
    private final ObjectFinder finder;

    Complaints(Basis basis, ObjectFinder finder) {
        this.basis = basis;
        this.finder = finder;
    }

    /** A pointer to something that has no page frame of low memory; Linux reads a {@code struct page} that is not there. */
    KernelBug noMemory(String call, long address) {
        return new KernelBug(BUG + String.format("%s() of 0x%08x, which is no address of low memory", call, address));
    }

    KernelBug inNoSlab(String call, long address) {
        PageFrames frames = basis.floor().frames();
        int pfn = basis.floor().layout().virtToPfn(address);
        return new KernelBug(BUG
                + String.format(
                        "%s() of 0x%08x, which is in no slab: pfn 0x%x, flags %s",
                        call, address, pfn, PageFlag.of(frames.flags(pfn))));
    }

    /** A pointer into a slab that is not that of a live object. */
    KernelBug badFree(String call, long address) {
        Place place = finder.find(address);
        boolean isObject = place.part() == Place.Part.OBJECT && place.offset() == 0;
        // object_err() of free_consistency_checks(); without that, the object would be on the free list twice
        String words = isObject ? "Object already free" : "Invalid object pointer";
        return new KernelBug(BUG + words + String.format(": %s() of 0x%08x, %s", call, address, place.describe()));
    }

    /** A free list that led to something that is no free object of its cache. */
    KernelBug notFree(Cache cache, long address) {
        Place place = finder.find(address);
        return logged(
                String.format("BUG %s: Freelist Pointer check fails", cache.name()),
                String.format(
                        "a free pointer led to 0x%08x, %s",
                        address, place == null ? "which is in no slab" : place.describe()));
    }

    private KernelBug logged(String words, String why) {
        basis.floor().log().printk(KernelLog.ERR, words);
        return new KernelBug(BUG + words + " (" + why + ")");
    }

    /** An object that is freed to a cache it is not of, where the kernel does not look. */
    KernelBug wrongCache(Cache cache, Cache owner, long address) {
        return new KernelBug(BUG
                + String.format(
                        "kmem_cache_free() to cache `%s' of 0x%08x, which is of cache `%s'",
                        cache.name(), address, owner.name()));
    }

    /** The same where it looks ({@code cache_from_obj()}). */
    void warnWrongCache(Cache cache, Cache owner) {
        Warnings.log(
                basis,
                KernelLog.WARNING,
                String.format("cache_from_obj: Wrong slab cache. %s but object is from %s", cache.name(), owner.name()),
                "mm/slab.h kmem_cache_free");
    }

    /** A request by a handle that stands for no cache. */
    KernelBug noCache(String call, KmemCache handle) {
        if (handle.id() == KmemCache.NONE.id()) {
            // what the kernel does with a NULL cache: it reads a word of it, and oopses
            basis.floor().mmu().read32(0);
        }
        return new KernelBug(BUG + call + "() with cache `" + handle.name() + "', which does not exist any more");
    }
}

package org.kmemscope.slob;

import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.view.ObjectView;

/**
 * What is said of a wrong pointer, size or mask, and what it was wrong about. Linux's SLOB notices next to nothing, so that it has no
 * words for most of it; the form is that of a {@code BUG_ON()}.
 */
final class Complaints {
    private static final String BUG = "kernel BUG at mm/slob.c: ";
    /** Offset of the flags in a {@code struct kmem_cache}, the first word that is read of it. */
    private static final int FLAGS_OFFSET = 8;

    private final Basis basis;
    private final BlockFinder finder;

    Complaints(Basis basis, BlockFinder finder) {
        this.basis = basis;
        this.finder = finder;
    }

    private static KernelBug bug(String format, Object... arguments) {
        return new KernelBug(BUG + String.format(format, arguments));
    }

    // ---- pointers

    /** A pointer that is not that of a live object that the call is for. */
    KernelBug badPointer(String call, long address) {
        if (!basis.memory().isReadable(address)) {
            return bug("%s() of 0x%08x, which is not an address of low memory", call, address);
        }
        Place place = finder.find(address);
        if (place == null) {
            AddressLayout layout = basis.floor().layout();
            int pfn = layout.virtToPfn(address);
            return bug(
                    "%s() of 0x%08x, which is no object: pfn 0x%x, flags %s",
                    call, address, pfn, PageFlag.of(basis.floor().frames().flags(pfn)));
        }
        boolean object = place.part() == Place.Part.OBJECT && place.offset() == 0;
        if (place.part() == Place.Part.FREE || object && place.state() == ObjectView.State.FREE) {
            return bug("double free detected: %s() of 0x%08x, %s", call, address, place.describe());
        }
        return object
                ? bug("%s() of 0x%08x, %s: there is no size before it", call, address, place.describe())
                : bug("%s() of 0x%08x, which is no object: %s", call, address, place.describe());
    }

    /** An object that is freed to a cache it is not of. */
    KernelBug wrongCache(Cache cache, long address) {
        Place place = finder.find(address);
        boolean other = place != null
                && place.part() == Place.Part.OBJECT
                && place.offset() == 0
                && place.state() != ObjectView.State.FREE;
        return other
                ? bug("kmem_cache_free() to cache `%s' of 0x%08x, %s", cache.handle.name(), address, place.describe())
                : badPointer("kmem_cache_free", address);
    }

    /** A request by a handle that stands for no cache. */
    KernelBug noCache(String call, KmemCache handle) {
        if (handle.id() == KmemCache.NONE.id()) {
            // what the kernel does with a NULL cache: it reads a member of it, and oopses
            basis.floor().mmu().read32(FLAGS_OFFSET);
        }
        return bug("%s() with cache `%s', which does not exist any more", call, handle.name());
    }

    // ---- requests

    /** A mask that no object can have. */
    KernelBug badMask(int gfp) {
        return bug(
                "mask 0x%x (%s): an object has an address in the linear mapping, so its pages come from no higher zone",
                gfp, basis.floor().gfp().format(gfp));
    }

    /** A size that no cache can have. */
    KernelBug badSize(String cache, int size) {
        return bug(
                "kmem_cache_create() of `%s' with size %d, which is not within 1 to %d",
                cache, size, basis.rules().kmallocMax());
    }

    /** {@code BUG_ON(!b)} in {@code slob_alloc()}. */
    KernelBug noRoomInNewPage(int bytes, int align) {
        return bug("a new page has no room for %d bytes at a multiple of %d", bytes, align);
    }

    // ---- what was overwritten

    KernelBug brokenChain(int pfn, int unit) {
        SlobMemory memory = basis.memory();
        return bug(
                "the free block 0x%08x is overwritten: it says %d units, and the next free one at unit %d of 0x%08x",
                memory.address(pfn, unit), memory.units(pfn, unit), memory.next(pfn, unit), memory.address(pfn, 0));
    }

    KernelBug liveInFree(int pfn, int unit) {
        return bug(
                "the free block 0x%08x is overwritten: an object that somebody holds lies in it",
                basis.memory().address(pfn, unit));
    }

    KernelBug wrongLength(int pfn, int unit, int bytes) {
        long block = basis.memory().address(pfn, unit);
        int kind = basis.blocks().kind(pfn, unit);
        return kind == LiveBlocks.KMALLOC || kind == LiveBlocks.NAME
                ? bug(
                        "the size before object 0x%08x is overwritten: it says %d, and no block ends there",
                        block + basis.rules().kmallocAlign(), basis.memory().requested(block))
                : bug("block 0x%08x of %d bytes does not end where another begins", block, bytes);
    }

    KernelBug brokenQueue(long tail) {
        return bug("struct slob_rcu 0x%08x of an object that waits for a grace period is overwritten", tail);
    }
}

package org.kmemscope.slab;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.view.ObjectView;

/** Finds out what an address of a slab is. For those who look and for complaints: it may take its time. */
final class ObjectFinder {
    private static final long ADDRESS_MASK = 0xffff_ffffL;

    private final Basis basis;
    private final SlabLists lists;
    private final SlabMemory memory;
    private final AddressLayout layout;

    ObjectFinder(Basis basis, SlabLists lists) {
        this.basis = basis;
        this.lists = lists;
        memory = basis.memory();
        layout = basis.floor().layout();
    }

    /** What lies at an address; null if it is in no slab. */
    Place find(long virt) {
        if (!memory.isReadable(virt)) {
            return null;
        }
        PageFrames frames = basis.floor().frames();
        int pfn = layout.virtToPfn(virt);
        Cache cache = frames.is(pfn, PageFlag.SLAB) ? basis.caches().byId(frames.next(pfn)) : null;
        if (cache == null) {
            return null;
        }
        long base = layout.pfnToVirt(pfn & -cache.geometry.pages());
        long slab = frames.prev(pfn) & ADDRESS_MASK;
        long first = memory.firstObject(slab);
        if (!lists.isFirstObject(cache, slab, first)) {
            return other(cache, base, Place.Part.UNKNOWN, slab, virt);
        }
        return virt >= first ? inObjects(cache, base, first, virt) : inManagement(cache, base, slab, first, virt);
    }

    private Place inObjects(Cache cache, long base, long first, long virt) {
        int size = cache.geometry.size();
        long index = (virt - first) / size;
        if (index >= cache.geometry.objects()) {
            return other(cache, base, Place.Part.LEFT_OVER, first + (long) cache.geometry.objects() * size, virt);
        }
        long start = first + index * size;
        return new Place(cache, base, Place.Part.OBJECT, (int) index, start, virt - start, state(cache, start));
    }

    private Place inManagement(Cache cache, long base, long slab, long first, long virt) {
        if (cache.geometry.offSlab() || virt < slab) {
            return other(cache, base, Place.Part.COLOUR, cache.geometry.offSlab() ? first : slab, virt);
        }
        long offset = virt - slab;
        if (offset < SlabMemory.SIZE) {
            return other(cache, base, Place.Part.DESCRIPTOR, slab, virt);
        }
        int index = (int) (offset - SlabMemory.SIZE) / SlabMemory.INDEX_SIZE;
        long start = slab + SlabMemory.SIZE + (long) index * SlabMemory.INDEX_SIZE;
        return index < cache.geometry.objects()
                ? new Place(cache, base, Place.Part.INDEX, index, start, virt - start, ObjectView.State.FREE)
                : other(cache, base, Place.Part.PADDING, start, virt);
    }

    private static Place other(Cache cache, long base, Place.Part part, long start, long virt) {
        return new Place(cache, base, part, 0, start, virt - start, ObjectView.State.FREE);
    }

    private ObjectView.State state(Cache cache, long object) {
        if (basis.live().contains(object)) {
            return ObjectView.State.ALLOCATED;
        }
        for (ObjectArray array : cache.arrays) {
            if (array != null && array.holds(object)) {
                return ObjectView.State.CPU_CACHED;
            }
        }
        return cache.shared != null && cache.shared.holds(object) ? ObjectView.State.CPU_CACHED : ObjectView.State.FREE;
    }
}

package org.kmemscope.slub;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.ObjectView;

/** Finds out what an address of a slab is. For those who look and for complaints: it may take its time. */
final class ObjectFinder {
    private final Basis basis;
    private final Slabs slabs;
    private final FreeLists freeLists;
    private final AddressLayout layout;

    ObjectFinder(Basis basis, FreeLists freeLists) {
        this.basis = basis;
        this.freeLists = freeLists;
        slabs = basis.slabs();
        layout = basis.floor().layout();
    }

    /** What lies at an address; null if it is in no slab and in no large object. */
    Place find(long virt) {
        if (!basis.memory().isReadable(virt)) {
            return null;
        }
        int pfn = layout.virtToPfn(virt);
        int slab = slabs.of(pfn);
        if (slab == Slabs.NONE) {
            return large(virt, pfn);
        }
        Cache cache = basis.caches().byNumber(slabs.cache(slab));
        return cache == null ? null : inSlab(cache, slab, virt);
    }

    private Place large(long virt, int pfn) {
        PageFrames frames = basis.floor().frames();
        int head = frames.compoundHead(pfn);
        if (!LargeObjects.isLarge(frames, head)) {
            return null;
        }
        long start = layout.pfnToVirt(head);
        int bytes = Profile.PAGE_SIZE << frames.compoundOrder(head);
        return new Place(null, start, Place.Part.LARGE, 0, start, bytes, virt - start, ObjectView.State.LARGE);
    }

    private Place inSlab(Cache cache, int slab, long virt) {
        long base = slabs.base(slab);
        int stride = slabs.stride(slab);
        int index = (int) (virt - base) / stride;
        if (index >= slabs.objects(slab)) {
            long start = base + (long) slabs.objects(slab) * stride;
            return other(cache, base, Place.Part.LEFT_OVER, 0, start, virt);
        }
        long object = slabs.object(slab, index);
        long offset = virt - object;
        if (offset < 0) {
            return other(cache, base, Place.Part.LEFT_RED_ZONE, index, base + (long) index * stride, virt);
        }
        if (offset < cache.objectSize) {
            return new Place(
                    cache,
                    base,
                    Place.Part.OBJECT,
                    index,
                    object,
                    cache.objectSize,
                    offset,
                    state(cache, slab, index, object));
        }
        return behind(cache, base, index, object, virt);
    }

    private Place behind(Cache cache, long base, int index, long object, long virt) {
        ObjectLayout made = cache.made.layout();
        long offset = virt - object;
        int track = basis.rules().layout().trackSize();
        Place.Part part = Place.Part.PADDING;
        long start = object + cache.objectSize;
        if (offset < made.inUse()) {
            part = cache.has(SlabFlag.SLAB_RED_ZONE) ? Place.Part.RED_ZONE : Place.Part.PADDING;
        } else if (offset < made.offset() + ObjectLayout.WORD && made.offset() >= made.inUse()) {
            part = Place.Part.FREE_POINTER;
            start = object + made.offset();
        } else if (made.tracks() > 0 && offset < made.tracks() + 2L * track) {
            boolean first = offset < made.tracks() + track;
            part = first ? Place.Part.ALLOC_TRACK : Place.Part.FREE_TRACK;
            start = object + made.tracks() + (first ? 0 : track);
        } else if (made.askedSize() > 0 && offset < made.askedSize() + ObjectLayout.WORD) {
            part = Place.Part.ASKED_SIZE;
            start = object + made.askedSize();
        } else if (offset >= made.tail()) {
            start = object + made.tail();
        }
        return other(cache, base, part, index, start, virt);
    }

    private static Place other(Cache cache, long base, Place.Part part, int index, long start, long virt) {
        return new Place(cache, base, part, index, start, 0, virt - start, ObjectView.State.FREE);
    }

    private ObjectView.State state(Cache cache, int slab, int index, long object) {
        if (slabs.isLive(slab, index)) {
            return ObjectView.State.ALLOCATED;
        }
        for (int cpu = 0; cpu < cache.free.length; cpu++) {
            if (cache.slab[cpu] == slab && isOn(cache, slab, cache.free[cpu], object)) {
                return ObjectView.State.CPU_CACHED;
            }
        }
        return ObjectView.State.FREE;
    }

    /** Whether an object is on a free list; a list that was overwritten ends where it leads out of the slab. */
    private boolean isOn(Cache cache, int slab, long first, long object) {
        long at = first;
        for (int seen = 0; at != 0 && seen < slabs.objects(slab); seen++) {
            if (at == object) {
                return true;
            }
            if (slabs.indexOf(slab, at) < 0) {
                return false;
            }
            at = freeLists.next(cache, at);
        }
        return false;
    }
}

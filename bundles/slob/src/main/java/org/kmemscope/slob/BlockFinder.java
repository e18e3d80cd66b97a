package org.kmemscope.slob;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.view.ObjectView;

/** Finds out what an address of the allocator's pages is. For those who look and for complaints: it may take its time. */
final class BlockFinder {
    private static final int PAGE_UNITS = SlobMemory.PAGE_UNITS;

    private final Basis basis;
    private final SlobMemory memory;
    private final LiveBlocks blocks;
    private final PageFrames frames;
    private final AddressLayout layout;
    private final int header;

    BlockFinder(Basis basis) {
        this.basis = basis;
        memory = basis.memory();
        blocks = basis.blocks();
        frames = basis.floor().frames();
        layout = basis.floor().layout();
        header = basis.rules().kmallocAlign();
    }

    /** What lies at an address; null if the allocator has nothing there. */
    Place find(long virt) {
        if (!memory.isReadable(virt)) {
            return null;
        }
        int pfn = layout.virtToPfn(virt);
        if (frames.is(pfn, PageFlag.SLAB)) {
            return blocks.knows(pfn) ? inHeap(pfn, virt) : null;
        }
        return inWholePages(pfn, virt);
    }

    /** Bytes of the block that begins at a unit, as its cache or its header has it; what cannot be is cut at the next live block. */
    int bytesOf(int pfn, int unit) {
        int kind = blocks.kind(pfn, unit);
        if (kind == LiveBlocks.DESCRIPTOR) {
            return basis.rules().descriptorSize();
        }
        if (kind != LiveBlocks.KMALLOC && kind != LiveBlocks.NAME) {
            return basis.caches().byKind(kind).size;
        }
        int room = blocks.nextStart(pfn, unit + 1) - unit << SlobMemory.UNIT_SHIFT;
        int requested = memory.requested(memory.address(pfn, unit));
        return requested > 0 && requested <= room - header ? requested + header : room;
    }

    private Place inHeap(int pfn, long virt) {
        int unit = SlobMemory.unitOf(virt);
        int start = blocks.lastStart(pfn, unit);
        if (start >= 0) {
            int bytes = bytesOf(pfn, start);
            if (unit < start + SlobMemory.units(bytes)) {
                return inBlock(pfn, start, bytes, virt);
            }
        }
        long page = layout.pfnToVirt(pfn);
        int free = blocks.firstFree(pfn);
        while (free <= unit) {
            int units = memory.units(pfn, free);
            if (unit < free + units) {
                long bytes = (long) units << SlobMemory.UNIT_SHIFT;
                return part(Place.Part.FREE, "", page, memory.address(pfn, free), bytes, virt);
            }
            int next = memory.next(pfn, free);
            free = next > free ? next : PAGE_UNITS;
        }
        return part(Place.Part.UNKNOWN, "", page, virt, 1, virt);
    }

    /** What is no object, in a page of the heap. */
    private static Place part(Place.Part part, String cache, long page, long start, long bytes, long virt) {
        return new Place(part, cache, true, page, start, bytes, virt - start, ObjectView.State.FREE);
    }

    private Place inBlock(int pfn, int unit, int bytes, long virt) {
        int kind = blocks.kind(pfn, unit);
        long page = layout.pfnToVirt(pfn);
        long start = memory.address(pfn, unit);
        long object = start + header;
        if (kind == LiveBlocks.DESCRIPTOR) {
            return part(Place.Part.DESCRIPTOR, ownerOf(start), page, start, bytes, virt);
        }
        if (kind != LiveBlocks.NAME && kind != LiveBlocks.KMALLOC) {
            return ofCache(kind, true, page, start, virt);
        }
        if (virt < object) {
            return part(Place.Part.HEADER, "", page, start, header, virt);
        }
        if (kind == LiveBlocks.NAME) {
            return part(Place.Part.NAME, ownerOf(object), page, object, bytes - header, virt);
        }
        int usable = SlobMemory.units(bytes - header) << SlobMemory.UNIT_SHIFT;
        return new Place(
                Place.Part.OBJECT,
                SlobViews.KMALLOC,
                true,
                page,
                object,
                usable,
                virt - object,
                ObjectView.State.ALLOCATED);
    }

    private Place ofCache(int kind, boolean inHeap, long page, long start, long virt) {
        Cache cache = basis.caches().byKind(kind);
        String name = cache.handle.name();
        int usable = cache.spec.size();
        ObjectView.State state = kind < 0 ? ObjectView.State.FREE : ObjectView.State.ALLOCATED;
        long end = start + usable;
        if (virt < end) {
            return new Place(Place.Part.OBJECT, name, inHeap, page, start, usable, virt - start, state);
        }
        Place.Part part = virt < start + cache.size ? Place.Part.RCU_TAIL : Place.Part.LEFT_OVER;
        long bytes = (part == Place.Part.RCU_TAIL ? cache.size : cache.bytesTaken()) - usable;
        return new Place(part, name, inHeap, page, end, bytes, virt - end, ObjectView.State.FREE);
    }

    /** Name of the cache whose structure or name begins at an address. */
    private String ownerOf(long address) {
        return basis.caches().newestFirst().stream()
                .filter(cache -> cache.descriptor == address || cache.name == address)
                .map(cache -> cache.handle.name())
                .findFirst()
                .orElse("");
    }

    // ---- objects of whole pages

    private Place inWholePages(int pfn, long virt) {
        int head = firstPage(pfn);
        if (head == PageFrames.NONE) {
            return null;
        }
        long start = layout.pfnToVirt(head);
        int kind = blocks.kind(head, 0);
        if (kind != LiveBlocks.KMALLOC) {
            return ofCache(kind, false, start, start, virt);
        }
        long bytes = (long) Profile.PAGE_SIZE << frames.compoundOrder(head);
        return new Place(
                Place.Part.OBJECT, SlobViews.KMALLOC, false, start, start, bytes, virt - start, ObjectView.State.LARGE);
    }

    /** The first page of the object of whole pages that a page is part of. */
    private int firstPage(int pfn) {
        for (int order = 0; order < basis.floor().pages().maxOrder(); order++) {
            int head = pfn & -(1 << order);
            boolean known = head >= frames.firstPfn() && blocks.knows(head) && !frames.is(head, PageFlag.SLAB);
            if (known && orderOf(head) >= order) {
                return head;
            }
        }
        return PageFrames.NONE;
    }

    /** log2 of the pages of the object that begins with a page. */
    int orderOf(int head) {
        int kind = blocks.kind(head, 0);
        return kind == LiveBlocks.KMALLOC
                ? frames.compoundOrder(head)
                : basis.caches().byKind(kind).order();
    }
}

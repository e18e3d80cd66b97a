package org.kmemscope.slab;

import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/**
 * Objects in and out of the slabs of a cache, and which of its three lists each slab is on.
 *
 * <pre>
 *            take              take the last
 *   free ───────────→ partial ──────────────→ full         a slab that objects were taken from goes to the head of its list
 *        ←───────────         ←──────────────
 *         give the last         give                       one that an object came back to goes to the tail of partial:
 *             │                                            its other objects have the longest time to come back, too
 *             ↓
 *         given to the page allocator at once, if more than free_limit objects are free
 * </pre>
 *
 * <p>Terms: an object is <em>in use</em> as soon as it left the free chain of its slab, also while it waits in an array.
 *
 * <p>Taking: the first partial slab, else the first free one, is emptied as far as objects are wanted, in the order of the free
 * chain. Source: {@code cache_alloc_refill}, {@code free_block}, {@code drain_freelist}.
 *
 * <p>Linux believes what it reads in {@code struct slab}. Here the address of object 0 and every index are compared with what the
 * cache's geometry allows, before they are used; the words are those of {@code check_slabp}, which Linux has with CONFIG_DEBUG_SLAB.
 */
final class SlabLists {
    private final SlabMemory memory;
    private final PageFrames frames;
    private final AddressLayout layout;
    private final KernelLog log;
    private final SlabMaker maker;

    SlabLists(Basis basis, SlabMaker maker) {
        this.memory = basis.memory();
        this.frames = basis.floor().frames();
        this.layout = basis.floor().layout();
        this.log = basis.floor().log();
        this.maker = maker;
    }

    /** Moves up to {@code wanted} objects from slabs to an array; takes none where no slab has one. */
    void take(Cache cache, ObjectArray into, int wanted) {
        int left = wanted;
        while (left > 0) {
            long slab = memory.next(cache.list(SlabMemory.PARTIAL));
            if (slab == cache.list(SlabMemory.PARTIAL)) {
                cache.freeTouched = true;
                slab = memory.next(cache.list(SlabMemory.FREE));
                if (slab == cache.list(SlabMemory.FREE)) {
                    return;
                }
            }
            left -= takeFrom(cache, slab, into, left);
            memory.unlink(slab);
            boolean full = memory.firstFree(slab) == SlabMemory.END;
            memory.addFirst(cache.list(full ? SlabMemory.FULL : SlabMemory.PARTIAL), slab);
        }
    }

    private int takeFrom(Cache cache, long slab, ObjectArray into, int wanted) {
        long first = firstObject(cache, slab);
        int objects = cache.geometry.objects();
        int used = memory.inUse(slab);
        if (used < 0 || used >= objects) {
            throw new KernelBug(String.format(
                    "kernel BUG at mm/slab.c: slab 0x%08x of cache `%s' is on a list of slabs with free objects, but %d of its"
                            + " %d are in use",
                    slab, cache.name(), used, objects));
        }
        int taken = Math.min(wanted, objects - used);
        int index = memory.firstFree(slab);
        for (int i = 0; i < taken; i++) {
            if (index < 0 || index >= objects) {
                memory.setInUse(slab, used + i);
                memory.setFirstFree(slab, index);
                throw corrupted(cache, slab, String.format("free object %d of %d", index, objects));
            }
            into.entries[into.available++] = first + (long) index * cache.geometry.size();
            cache.freeObjects--;
            index = memory.index(slab, index);
        }
        memory.setInUse(slab, used + taken);
        memory.setFirstFree(slab, index);
        return taken;
    }

    /** Puts objects back into their slabs, oldest first. */
    void give(Cache cache, long[] objects, int count) {
        for (int i = 0; i < count; i++) {
            give(cache, objects[i]);
        }
    }

    private void give(Cache cache, long object) {
        long slab = slabOf(object);
        long first = firstObject(cache, slab);
        memory.unlink(slab);
        int index = (int) ((object - first) / cache.geometry.size());
        memory.setIndex(slab, index, memory.firstFree(slab));
        memory.setFirstFree(slab, index);
        int used = memory.inUse(slab) - 1;
        memory.setInUse(slab, used);
        cache.freeObjects++;
        if (used != 0) {
            memory.addLast(cache.list(SlabMemory.PARTIAL), slab);
        } else if (cache.freeObjects > cache.freeLimit) {
            cache.freeObjects -= cache.geometry.objects();
            maker.destroy(cache, slab, first);
        } else {
            memory.addFirst(cache.list(SlabMemory.FREE), slab);
        }
    }

    /** Gives empty slabs to the page allocator, the last of the list first; the number of slabs given. */
    int giveEmptySlabs(Cache cache, long most) {
        int given = 0;
        long head = cache.list(SlabMemory.FREE);
        while (given < most && !memory.isEmpty(head)) {
            long slab = memory.previous(head);
            long first = firstObject(cache, slab);
            memory.unlink(slab);
            cache.freeObjects -= cache.geometry.objects();
            maker.destroy(cache, slab, first);
            given++;
        }
        return given;
    }

    boolean hasObjectsInUse(Cache cache) {
        return !memory.isEmpty(cache.list(SlabMemory.PARTIAL)) || !memory.isEmpty(cache.list(SlabMemory.FULL));
    }

    /** {@code virt_to_slab()}. */
    private long slabOf(long object) {
        return frames.prev(layout.virtToPfn(object)) & 0xffff_ffffL;
    }

    /** Address of object 0 of a slab, as {@code struct slab} has it, if that can be true. */
    private long firstObject(Cache cache, long slab) {
        long first = memory.firstObject(slab);
        if (!isFirstObject(cache, slab, first)) {
            throw corrupted(cache, slab, String.format("s_mem 0x%08x", first));
        }
        return first;
    }

    /** Whether object 0 of a slab can be at this address: behind one of the colours, in a page that names this slab. */
    boolean isFirstObject(Cache cache, long slab, long first) {
        if (!memory.isReadable(first)) {
            return false;
        }
        CacheGeometry geometry = cache.geometry;
        int pfn = layout.virtToPfn(first);
        if (!frames.is(pfn, PageFlag.SLAB) || frames.next(pfn) != cache.id || frames.prev(pfn) != (int) slab) {
            return false;
        }
        long management = geometry.offSlab() ? 0 : geometry.managementSize();
        long colour = (layout.virtToPhys(first) & geometry.bytes() - 1) - management;
        return colour >= 0
                && colour % geometry.colourStep() == 0
                && colour / geometry.colourStep() < Math.max(1, geometry.colours())
                && (geometry.offSlab() || slab == first - management);
    }

    private KernelBug corrupted(Cache cache, long slab, String what) {
        String words = String.format(
                "slab: Internal list corruption detected in cache '%s'(%d), slabp %08x(%d)",
                cache.name(), cache.geometry.objects(), slab, memory.inUse(slab));
        log.printk(KernelLog.ERR, words + ". Hexdump:");
        int bytes = SlabMemory.SIZE + cache.geometry.objects() * SlabMemory.INDEX_SIZE;
        for (int offset = 0; offset < bytes; offset += SlabMemory.HEX_LINE) {
            log.printk(KernelLog.ERR, String.format("%03x:%s", offset, memory.hexLine(slab + offset, bytes - offset)));
        }
        KernelBug bug = new KernelBug("kernel BUG at mm/slab.c: " + words + ": " + what);
        log.printk(KernelLog.ERR, bug.getMessage());
        bug.markReported();
        return bug;
    }
}

package org.kmemscope.slub;

import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.slab.SlabFlag;

/**
 * The patterns around and in objects of caches with debug flags: laid, looked at, restored.
 *
 * <pre>
 *   red zone   0xbb around a free object, 0xcc around a live one
 *   poison     0x6b in a free object, 0xa5 in its last byte
 *   padding    0x5a behind everything, and what no object fits into
 * </pre>
 *
 * <p>What was overwritten is reported and put right, as it would be reported for ever otherwise. Source: {@code init_object}, {@code
 * check_object}, {@code slab_pad_check}, {@code on_freelist}.
 */
final class ObjectChecks {
    private static final int RED_FREE = 0xbb;
    private static final int RED_LIVE = 0xcc;
    private static final int POISON = 0x6b;
    private static final int POISON_END = 0xa5;
    private static final int PADDING = 0x5a;
    private static final long PAGE = Profile.PAGE_SIZE;

    private final ObjectMemory memory;
    private final Slabs slabs;
    private final FreeLists freeLists;
    private final Reports reports;
    private final Words words;
    private final boolean kmallocRedZone;

    ObjectChecks(Basis basis, FreeLists freeLists, Reports reports) {
        memory = basis.memory();
        slabs = basis.slabs();
        words = basis.rules().words();
        kmallocRedZone = basis.rules().kmallocRedZone();
        this.freeLists = freeLists;
        this.reports = reports;
    }

    // ---- laying

    /** The padding of a new slab, which objects are laid over. */
    void initSlab(Cache cache, int slab) {
        if (cache.has(SlabFlag.SLAB_POISON)) {
            memory.fill(slabs.base(slab), PAGE << slabs.order(slab), PADDING);
        }
    }

    /** An object that becomes live or free. */
    void init(Cache cache, long object, boolean live) {
        int used = live && keepsAsked(cache) ? asked(cache, object) : cache.objectSize;
        int red = live ? RED_LIVE : RED_FREE;
        boolean redZone = cache.has(SlabFlag.SLAB_RED_ZONE);
        int left = cache.made.layout().redLeft();
        if (redZone && left > 0) {
            memory.fill(object - left, left, red);
        }
        if (isPoisoned(cache)) {
            memory.fill(object, used - 1L, POISON);
            memory.fill(object + used - 1, 1, POISON_END);
        }
        if (redZone) {
            memory.fill(object + used, cache.made.layout().inUse() - used, red);
        }
    }

    /** {@code __OBJECT_POISON}: not what must keep its contents while it is free. */
    private static boolean isPoisoned(Cache cache) {
        return cache.has(SlabFlag.SLAB_POISON) && !cache.has(SlabFlag.SLAB_TYPESAFE_BY_RCU) && !cache.constructs;
    }

    private boolean keepsAsked(Cache cache) {
        return kmallocRedZone && cache.made.layout().askedSize() > 0;
    }

    private int asked(Cache cache, long object) {
        int asked = memory.read(object + cache.made.layout().askedSize());
        return asked > 0 && asked <= cache.objectSize ? asked : cache.objectSize;
    }

    // ---- looking

    /** Whether an object and what is around it is as it should be. */
    boolean object(Cache cache, int slab, long object, boolean live) {
        return redZones(cache, slab, object, live)
                && poison(cache, slab, object, live)
                && pointer(cache, slab, object, live);
    }

    private boolean redZones(Cache cache, int slab, long object, boolean live) {
        ObjectLayout layout = cache.made.layout();
        int size = cache.objectSize;
        if (!cache.has(SlabFlag.SLAB_RED_ZONE)) {
            if (cache.has(SlabFlag.SLAB_POISON) && size < layout.inUse()) {
                bytes(cache, slab, object, "Alignment padding", object + size, layout.inUse() - size, PADDING);
            }
            return true;
        }
        int red = live ? RED_LIVE : RED_FREE;
        if (!bytes(cache, slab, object, words.leftRedZone(), object - layout.redLeft(), layout.redLeft(), red)
                || !bytes(cache, slab, object, words.rightRedZone(), object + size, layout.inUse() - size, red)) {
            return false;
        }
        int asked = live && keepsAsked(cache) ? asked(cache, object) : size;
        return bytes(cache, slab, object, "kmalloc Redzone", object + asked, size - asked, red);
    }

    private boolean poison(Cache cache, int slab, long object, boolean live) {
        if (!cache.has(SlabFlag.SLAB_POISON)) {
            return true;
        }
        int size = cache.objectSize;
        if (!live
                && isPoisoned(cache)
                && (!bytes(cache, slab, object, "Poison", object, size - 1, POISON)
                        || !bytes(cache, slab, object, words.endPoison(), object + size - 1, 1, POISON_END))) {
            return false;
        }
        ObjectLayout layout = cache.made.layout();
        int end = layout.size() - layout.redLeft();
        // puts right what it finds
        bytes(cache, slab, object, "Object padding", object + layout.tail(), end - layout.tail(), PADDING);
        return true;
    }

    private boolean pointer(Cache cache, int slab, long object, boolean live) {
        boolean inside = cache.offset < cache.made.layout().inUse();
        if (inside && live) {
            // it lies under the owner's data
            return true;
        }
        if (isValid(slab, freeLists.next(cache, object))) {
            return true;
        }
        reports.object(cache, slab, object, "Freepointer corrupt");
        // the rest of the list is lost by that
        freeLists.setNext(cache, object, 0);
        return false;
    }

    /** {@code check_valid_pointer()}: an object of the slab, or NULL. */
    boolean isValid(int slab, long object) {
        return object == 0 || slabs.indexOf(slab, object) >= 0;
    }

    /** Whether bytes have a value; if not, it is reported, and they get it. */
    private boolean bytes(Cache cache, int slab, long object, String what, long from, int length, int value) {
        long first = from;
        long end = from + length;
        while (first < end && memory.readByte(first) == value) {
            first++;
        }
        if (first >= end) {
            return true;
        }
        while (memory.readByte(end - 1) == value) {
            end--;
        }
        reports.bytes(cache, slab, object, what, first, end - 1, value);
        restore(cache, what, first, end, value);
        return false;
    }

    private void restore(Cache cache, String what, long first, long end, int value) {
        reports.restored(cache, what, first, end - 1, value);
        memory.fill(first, end - first, value);
    }

    // ---- slabs

    /** {@code slab_pad_check()}: what no object fits into; it is put right. */
    void leftOver(Cache cache, int slab) {
        long bytes = PAGE << slabs.order(slab);
        int length = (int) (bytes % slabs.stride(slab));
        if (!cache.has(SlabFlag.SLAB_POISON) || length == 0) {
            return;
        }
        long base = slabs.base(slab);
        long start = base + bytes - length;
        long first = start;
        long end = base + bytes;
        while (first < end && memory.readByte(first) == PADDING) {
            first++;
        }
        if (first == end) {
            return;
        }
        while (memory.readByte(end - 1) == PADDING) {
            end--;
        }
        reports.slab(
                cache,
                slab,
                String.format("Padding overwritten. 0x%08x-0x%08x @offset=%d", first, end - 1, first - base));
        reports.padding(start, length);
        restore(cache, "slab padding", first, end, PADDING);
    }

    /**
     * Walks the free list of a slab, and puts it right ({@code on_freelist()}).
     *
     * @param wanted an object; 0 to walk all of it
     * @return whether the object is on it; for 0, whether there is a list
     */
    boolean isOnFreeList(Cache cache, int slab, long wanted) {
        long object = 0;
        long next = slabs.free(slab);
        int length = 0;
        int objects = slabs.objects(slab);
        while (next != 0 && length <= objects) {
            if (next == wanted) {
                return true;
            }
            if (!isValid(slab, next)) {
                if (object == 0) {
                    reports.slab(cache, slab, "Freepointer corrupt");
                    slabs.setFree(slab, 0);
                    slabs.setInUse(slab, objects);
                    reports.fix(cache, "Freelist cleared");
                    return false;
                }
                reports.object(cache, slab, object, "Freechain corrupt");
                freeLists.setNext(cache, object, 0);
                break;
            }
            object = next;
            next = freeLists.next(cache, object);
            length++;
        }
        if (slabs.inUse(slab) != objects - length) {
            reports.slab(
                    cache,
                    slab,
                    String.format(
                            "Wrong object count. Counter is %d but counted were %d",
                            slabs.inUse(slab), objects - length));
            slabs.setInUse(slab, Math.max(0, objects - length));
            reports.fix(cache, "Object count adjusted");
        }
        return wanted == 0;
    }
}

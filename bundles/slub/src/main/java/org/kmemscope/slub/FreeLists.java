package org.kmemscope.slub;

import java.util.Arrays;

/**
 * Lists of free objects, linked through the objects themselves in RAM, and the order in which a new slab's objects come to lie on its
 * list.
 *
 * <pre>
 *   word at object + offset   = address of the next free object ^ key      {@link FreePointers}
 *
 *   in order    0, 1, 2, ...
 *   shuffled    sequence[p], sequence[p + 1], ..., round the end, up to sequence[p - 1], with a p drawn for each slab
 * </pre>
 *
 * <p>The sequence is drawn once for a cache and lies in a kmalloc'ed array of offsets ({@code random_seq}), so that it can be overwritten.
 * A slab that is smaller than usual passes over the offsets behind its end. Source: {@code shuffle_freelist}, {@code
 * next_freelist_entry}, {@code freelist_randomize}.
 */
final class FreeLists {
    private static final long ADDRESS_MASK = 0xffff_ffffL;
    private static final int ENTRY = Integer.BYTES;

    private final ObjectMemory memory;
    private final Slabs slabs;
    private final FreePointers pointers;
    private final Chance chance;

    FreeLists(Basis basis) {
        memory = basis.memory();
        slabs = basis.slabs();
        pointers = basis.rules().pointers();
        chance = basis.chance();
    }

    /** {@code get_freepointer()}: the next free object; 0 at the end. */
    long next(Cache cache, long object) {
        long at = object + cache.offset;
        return (memory.read(at) ^ pointers.key(cache.random, at)) & ADDRESS_MASK;
    }

    /** {@code set_freepointer()}. */
    void setNext(Cache cache, long object, long next) {
        long at = object + cache.offset;
        memory.write(at, (int) next ^ pointers.key(cache.random, at));
    }

    /** Links all objects of a new slab; returns the first. */
    long link(Cache cache, int slab) {
        int objects = slabs.objects(slab);
        if (cache.sequence == 0 || objects < 2) {
            for (int i = 0; i < objects; i++) {
                setNext(cache, slabs.object(slab, i), i + 1 < objects ? slabs.object(slab, i + 1) : 0);
            }
            return slabs.object(slab, 0);
        }
        int length = cache.made.objects();
        int bytes = objects * slabs.stride(slab);
        long start = slabs.object(slab, 0);
        int at = startOf(cache, length);
        long first = 0;
        long before = 0;
        for (int linked = 0, seen = 0; linked < objects && seen < length; seen++) {
            int entry = memory.read(cache.sequence + (long) ENTRY * at);
            at = at + 1 < length ? at + 1 : 0;
            if (Integer.compareUnsigned(entry, bytes) >= 0) {
                continue;
            }
            long object = start + entry;
            if (before == 0) {
                first = object;
            } else {
                setNext(cache, before, object);
            }
            before = object;
            linked++;
        }
        setNext(cache, before, 0);
        return first;
    }

    /** Where in the sequence a new slab begins: as recorded, or at random. */
    private int startOf(Cache cache, int length) {
        if (cache.drawn < cache.draws.length) {
            int wanted = cache.draws[cache.drawn++] * cache.size();
            for (int at = 0; at < length; at++) {
                if (memory.read(cache.sequence + (long) ENTRY * at) == wanted) {
                    return at;
                }
            }
        }
        return chance.below(length);
    }

    /** Bytes of a sequence for so many objects. */
    static long sequenceBytes(int objects) {
        return (long) ENTRY * objects;
    }

    /** Draws the sequence of a cache. */
    void drawSequence(Cache cache) {
        int[] order = new int[cache.made.objects()];
        Arrays.setAll(order, i -> i);
        for (int i = order.length - 1; i > 0; i--) {
            int other = chance.below(i + 1);
            int swapped = order[i];
            order[i] = order[other];
            order[other] = swapped;
        }
        writeSequence(cache, order);
    }

    void writeSequence(Cache cache, int[] order) {
        for (int i = 0; i < order.length; i++) {
            memory.write(cache.sequence + (long) ENTRY * i, order[i] * cache.size());
        }
    }

    /** The sequence of a cache, as numbers of objects; empty if it has none. */
    int[] sequence(Cache cache) {
        int[] order = new int[cache.sequence == 0 ? 0 : cache.made.objects()];
        for (int i = 0; i < order.length; i++) {
            order[i] = memory.read(cache.sequence + (long) ENTRY * i) / cache.size();
        }
        return order;
    }
}

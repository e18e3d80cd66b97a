package org.kmemscope.slub;

import org.kmemscope.api.slab.SlabFlag;

/**
 * How an object of a cache is laid out ({@code calculate_sizes}). Pure arithmetic, done once when the cache is created.
 *
 * <pre>
 *   plain       | object, with the free pointer in it while it is free | padding |
 *
 *   with debug  | left red zone | object | right red zone | free pointer | allocation track | free track | asked size | padding |
 *               0              redLeft   +objectSize      +inUse         +tracks                        +askedSize   size
 *                                                         = offset
 * </pre>
 *
 * <p>Offsets count from the object's first byte, which is {@code redLeft} behind the start of its room. Terms: {@code inUse} is the
 * offset to what is kept behind the object.
 *
 * <ol>
 *   <li>The size is rounded up to words. A red zone needs a word behind the object; the padding will do if there is any.
 *   <li>The free pointer goes behind that, if the object must keep its contents while it is free (RCU, constructor, poison), or if a
 *       red zone would be where the pointer is. Else it lies in the object: in its first word, from 5.7 on in its middle, where a write
 *       over the end of the object before does not reach it.
 *   <li>Tracks of who allocated and freed it; the size kmalloc was asked for; a word of red zone to catch writes from the object behind;
 *       a left red zone.
 *   <li>All of it is rounded up to the alignment.
 * </ol>
 *
 * @param size bytes from one object to the next ({@code slab_size} in sysfs)
 * @param align alignment of each object
 * @param inUse offset of what is behind the object
 * @param offset offset of the free pointer
 * @param redLeft bytes of left red zone
 * @param tracks offset of the tracks; 0 without
 * @param askedSize offset of the size kmalloc was asked for; 0 where it is not kept
 * @param tail offset behind all of this
 */
record ObjectLayout(int size, int align, int inUse, int offset, int redLeft, int tracks, int askedSize, int tail) {
    /** {@code sizeof(void *)}. */
    static final int WORD = 4;

    /** Where the free pointer lies that is kept in the object. */
    enum PointerPlace {
        /** In the first word, up to 5.6. */
        FIRST_WORD,
        /** In the middle of the rounded object, rounded up, 5.7 to 5.12. */
        MIDDLE_UP,
        /** In the middle of the object, rounded down, since 5.13. */
        MIDDLE
    }

    /**
     * What the arithmetic needs to know of a kernel and its machine.
     *
     * @param cacheLine bytes of a line of the CPU's cache ({@code cache_line_size()})
     * @param minAlign least alignment of any object ({@code ARCH_SLAB_MINALIGN})
     * @param place where the free pointer lies in an object
     * @param redZoneMovesPointer whether objects smaller than a pointer have it behind their red zone, since 5.13
     * @param leftRedZone whether there is a red zone before the object, since 4.6
     * @param trackSize bytes of a {@code struct track}
     * @param keepsAskedSize whether the size kmalloc was asked for is kept with the tracks, since 6.1
     */
    record Rules(
            int cacheLine,
            int minAlign,
            PointerPlace place,
            boolean redZoneMovesPointer,
            boolean leftRedZone,
            int trackSize,
            boolean keepsAskedSize) {
        /** {@code calculate_alignment()}: small objects share a line. */
        int align(int wanted, int size, int flags) {
            int align = wanted;
            if (has(flags, SlabFlag.SLAB_HWCACHE_ALIGN)) {
                int line = cacheLine;
                while (size <= line / 2) {
                    line /= 2;
                }
                align = Math.max(align, line);
            }
            return roundUp(Math.max(align, minAlign), WORD);
        }
    }

    /**
     * The layout of an object.
     *
     * @param objectSize bytes of the object
     * @param align its alignment, from {@link Rules#align}
     * @param flags bits of {@link SlabFlag}
     * @param constructed whether it has a constructor
     * @param kmalloc whether the cache is one of kmalloc's
     */
    static ObjectLayout of(int objectSize, int align, int flags, boolean constructed, boolean kmalloc, Rules rules) {
        boolean redZone = has(flags, SlabFlag.SLAB_RED_ZONE);
        int size = roundUp(objectSize, WORD);
        if (redZone && size == objectSize) {
            size += WORD;
        }
        int inUse = size;
        boolean keepsContents = constructed
                || has(flags, SlabFlag.SLAB_TYPESAFE_BY_RCU)
                || has(flags, SlabFlag.SLAB_POISON)
                || redZone && rules.redZoneMovesPointer && objectSize < WORD;
        int offset = keepsContents ? size : inside(objectSize, size, rules.place);
        if (keepsContents) {
            size += WORD;
        }
        int tracks = 0;
        int askedSize = 0;
        if (has(flags, SlabFlag.SLAB_STORE_USER)) {
            tracks = size;
            size += 2 * rules.trackSize;
            if (kmalloc && rules.keepsAskedSize) {
                askedSize = size;
                size += WORD;
            }
        }
        int tail = size;
        int redLeft = 0;
        if (redZone) {
            redLeft = rules.leftRedZone ? roundUp(WORD, align) : 0;
            size += WORD + redLeft;
        }
        return new ObjectLayout(roundUp(size, align), align, inUse, offset, redLeft, tracks, askedSize, tail);
    }

    private static int inside(int objectSize, int rounded, PointerPlace place) {
        return switch (place) {
            case FIRST_WORD -> 0;
            case MIDDLE_UP -> rounded > WORD ? roundUp(rounded / 2, WORD) : 0;
            case MIDDLE -> objectSize / 2 / WORD * WORD;
        };
    }

    private static boolean has(int flags, SlabFlag flag) {
        return (flags & flag.bit()) != 0;
    }

    static int roundUp(int value, int step) {
        return (value + step - 1) / step * step;
    }
}

package org.kmemscope.slab;

import org.kmemscope.api.view.ObjectView;

/**
 * Where in a slab an address lies.
 *
 * @param cache the slab's cache
 * @param base address of the first byte of the slab's pages
 * @param part what is there
 * @param index number of the object, or of the index; 0 elsewhere
 * @param start first byte of that part
 * @param offset how far into it
 * @param state where the object is; FREE for what is none
 */
record Place(Cache cache, long base, Part part, int index, long start, long offset, ObjectView.State state) {
    /** Parts of a slab. */
    enum Part {
        /** An object. */
        OBJECT,
        /** The gap before everything else. */
        COLOUR,
        /** The {@code struct slab}. */
        DESCRIPTOR,
        /** The index of an object. */
        INDEX,
        /** Between the indexes and object 0. */
        PADDING,
        /** Behind the last object. */
        LEFT_OVER,
        /** The management says something that cannot be: it was overwritten. */
        UNKNOWN
    }

    /** One line about it. */
    String describe() {
        String slab = String.format("slab 0x%08x of cache %s", base, cache.name());
        return switch (part) {
            case OBJECT ->
                String.format(
                        "object %d of %s, %s, offset +%d (object 0x%08x-0x%08x)",
                        index, slab, words(state), offset, start, start + cache.geometry.size());
            case COLOUR -> String.format("colour of %s: %d bytes before anything else", slab, start - base);
            case DESCRIPTOR -> String.format("struct slab of %s, offset +%d", slab, offset);
            case INDEX ->
                String.format("free index (kmem_bufctl_t) of object %d of %s, offset +%d", index, slab, offset);
            case PADDING -> String.format("padding before object 0 of %s", slab);
            case LEFT_OVER -> String.format("left over of %s, behind its last object", slab);
            case UNKNOWN -> String.format("%s, whose struct slab at 0x%08x is overwritten", slab, start);
        };
    }

    private static String words(ObjectView.State state) {
        return switch (state) {
            case ALLOCATED, LARGE -> "allocated";
            case CPU_CACHED -> "free, in an array of free objects";
            case FREE -> "free";
        };
    }
}

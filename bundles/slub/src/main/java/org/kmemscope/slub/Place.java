package org.kmemscope.slub;

import org.kmemscope.api.view.ObjectView;

/**
 * Where in a slab, or in a large object, an address lies.
 *
 * @param cache the slab's cache; null for a large object
 * @param base address of the first byte of the pages
 * @param part what is there
 * @param index number of the object; 0 for what is none
 * @param start first byte of that part
 * @param size bytes of that part
 * @param offset how far into it
 * @param state where the object is; FREE for what is none
 */
record Place(Cache cache, long base, Part part, int index, long start, int size, long offset, ObjectView.State state) {
    /** Parts of a slab. */
    enum Part {
        /** An object. */
        OBJECT("object %d"),
        /** The word behind an object that names the next free one. */
        FREE_POINTER("free pointer of object %d"),
        /** Red zone before an object. */
        LEFT_RED_ZONE("left red zone of object %d"),
        /** Red zone behind an object. */
        RED_ZONE("red zone of object %d"),
        /** Who allocated an object last. */
        ALLOC_TRACK("allocation track of object %d"),
        /** Who freed it last. */
        FREE_TRACK("free track of object %d"),
        /** The size kmalloc was asked for. */
        ASKED_SIZE("requested size of object %d"),
        /** Between one object and the next. */
        PADDING("padding of object %d"),
        /** Behind the last object. */
        LEFT_OVER("left over"),
        /** A large kmalloc. */
        LARGE("");

        private final String words;

        Part(String words) {
            this.words = words;
        }
    }

    /** One line about it. */
    String describe() {
        if (part == Part.LARGE) {
            return String.format("large object of kmalloc, %d bytes of pages, offset +%d", size, offset);
        }
        String where = String.format("of slab 0x%08x of cache %s", base, cache.name());
        return switch (part) {
            case OBJECT ->
                String.format(
                        "object %d %s, %s, offset +%d (object 0x%08x-0x%08x)",
                        index, where, words(state), offset, start, start + size);
            case LEFT_OVER -> String.format("left over %s, behind its last object", where);
            default -> String.format(part.words, index) + String.format(" %s, offset +%d", where, offset);
        };
    }

    private static String words(ObjectView.State state) {
        return switch (state) {
            case ALLOCATED, LARGE -> "allocated";
            case CPU_CACHED -> "free, on a CPU's free list";
            case FREE -> "free";
        };
    }
}

package org.kmemscope.slob;

import org.kmemscope.api.view.ObjectView;

/**
 * What lies at an address of the allocator's pages.
 *
 * @param part what it is
 * @param cache name of the object's cache, {@code kmalloc} for one from kmalloc; empty for what is no object
 * @param inHeap whether it is in a page of the heap, which it shares with others
 * @param page address of the first byte of its page, or of its first page
 * @param start address of the first byte of the part: for an object what its owner has as its pointer
 * @param bytes bytes of the part: for an object what its owner may use
 * @param offset how far into the part
 * @param state where the object is; FREE for what is none
 */
record Place(
        Part part,
        String cache,
        boolean inHeap,
        long page,
        long start,
        long bytes,
        long offset,
        ObjectView.State state) {
    /** Parts of a page. */
    enum Part {
        /** Somebody's object. */
        OBJECT,
        /** The word with the size of an object from kmalloc, and what aligns the object after it. */
        HEADER,
        /** The {@code struct slob_rcu} at the end of an object. */
        RCU_TAIL,
        /** The {@code struct kmem_cache} of a cache. */
        DESCRIPTOR,
        /** The name of a cache. */
        NAME,
        /** Behind the last byte of an object, in a block or in pages that are larger. */
        LEFT_OVER,
        /** A free block. */
        FREE,
        /** In no block: what leads there was overwritten. */
        UNKNOWN
    }

    /** What is there by the view of those who look for objects. */
    ObjectView view() {
        return new ObjectView(
                part == Part.FREE ? SlobProvider.NAME : cache,
                start,
                (int) bytes,
                page,
                SlobMemory.unitOf(start),
                state);
    }

    /** One line about it. */
    String describe() {
        String where =
                String.format(inHeap ? "in the page 0x%08x of the heap" : "in pages of its own from 0x%08x", page);
        return switch (part) {
            case OBJECT ->
                String.format(
                        "%s, %s, offset +%d (object 0x%08x-0x%08x), %s",
                        cache.equals(SlobViews.KMALLOC) ? "object from kmalloc" : "object of cache " + cache,
                        state == ObjectView.State.FREE ? "freed, waits for the end of a grace period" : "allocated",
                        offset,
                        start,
                        start + bytes,
                        where);
            case HEADER ->
                String.format("size of the object from kmalloc behind it, offset +%d of %d, %s", offset, bytes, where);
            case RCU_TAIL ->
                String.format("struct slob_rcu of an object of cache %s, offset +%d, %s", cache, offset, where);
            case DESCRIPTOR -> String.format("struct kmem_cache of cache %s, offset +%d, %s", cache, offset, where);
            case LEFT_OVER -> String.format("left over behind an object of cache %s, %s", cache, where);
            case NAME -> String.format("name of cache %s, offset +%d, %s", cache, offset, where);
            case FREE -> String.format("free block 0x%08x of %d bytes, offset +%d, %s", start, bytes, offset, where);
            case UNKNOWN -> String.format("%s, whose free blocks are overwritten", where);
        };
    }
}

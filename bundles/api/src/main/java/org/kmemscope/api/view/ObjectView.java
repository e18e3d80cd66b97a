package org.kmemscope.api.view;

/**
 * An object of a slab.
 *
 * @param cache name of its cache
 * @param address virtual address of its first byte
 * @param size usable bytes
 * @param slab virtual address of the first byte of the slab's pages
 * @param index number within the slab
 * @param state where it is
 */
public record ObjectView(String cache, long address, int size, long slab, int index, State state) {
    /** Where an object is. */
    public enum State {
        /** Somebody holds it. */
        ALLOCATED,
        /** Free, in a per-CPU array or list, ready to be handed out. */
        CPU_CACHED,
        /** Free, in its slab. */
        FREE,
        /** A large kmalloc served by the page allocator itself. */
        LARGE
    }
}

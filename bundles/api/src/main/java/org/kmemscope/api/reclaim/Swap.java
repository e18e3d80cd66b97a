package org.kmemscope.api.reclaim;

import org.osgi.annotation.versioning.ProviderType;

/** The swap area. Slots are numbered from 1; their number is what a page-table entry holds ({@code swp_entry_t}). */
@ProviderType
public interface Swap {
    /**
     * {@code swapon}: adds room; there is a single area, which grows.
     *
     * @param pages how much
     */
    void on(long pages);

    /**
     * {@code swapoff}.
     *
     * @throws IllegalArgumentException with one line, if slots are in use
     */
    void off();

    /** Slots there are. */
    long total();

    /** Slots nobody uses. */
    long free();

    /** The page of the swap cache that still has the contents of a slot, or -1. */
    int cached(int entry);

    /** {@code swap_free()}: the owner does not need the slot any more. */
    void release(int entry);

    /**
     * {@code swap_duplicate()}: one more page-table entry has the slot. {@link #release} takes such a one back, and gives the slot up
     * when there is none.
     */
    void duplicate(int entry);

    /** Whether more than one page-table entry has the slot. */
    boolean isShared(int entry);

    /**
     * {@code read_swap_cache_async()}: reads a slot into a page and keeps it: the page is in the swap cache, so that the others who have the
     * slot find it.
     */
    void readAndKeep(int entry, int pfn);

    /** Reads a slot into a page, and gives the slot up. */
    void read(int entry, int pfn);

    /** {@code delete_from_swap_cache()}: takes a page out of the swap cache again, and gives its slot up. Not while it is being written. */
    void uncache(int pfn);
}

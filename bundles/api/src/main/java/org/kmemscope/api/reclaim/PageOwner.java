package org.kmemscope.api.reclaim;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Who owns pages on the LRU lists: an address space with its operations ({@code struct address_space_operations}) and the page tables
 * that map its pages. Reclaim decides which page goes; what that means, the owner knows.
 *
 * <p>Each owner has a number, given by {@link Reclaim#addOwner}. {@code page->mapping} tells it and a key of the owner's (a file, a
 * task); {@code page->index} tells which page of that it is.
 *
 * <pre>
 *   mapping   | owner's number, 1 to 127 | key, 24 bits |
 *             31                       24 23           0
 * </pre>
 *
 * <p>All calls are made under the machine's lock, and must not allocate pages.
 */
@ConsumerType
public interface PageOwner {
    /** Bits of the key. */
    int KEY_SHIFT = 24;

    /** The key's part of a mapping; the largest key. */
    int KEY_MASK = (1 << KEY_SHIFT) - 1;

    /** The most owners there can be. */
    int MOST_OWNERS = 127;

    /** {@code page->mapping} of a page. */
    static int mapping(int owner, int key) {
        return owner << KEY_SHIFT | key & KEY_MASK;
    }

    /** Number of the owner; 0 for none. */
    static int ownerOf(int mapping) {
        return mapping >>> KEY_SHIFT;
    }

    /** The owner's key. */
    static int keyOf(int mapping) {
        return mapping & KEY_MASK;
    }

    /** What a page is, for people: {@code page 3 of file data}. */
    String describe(int pfn);

    /** {@code page_referenced()}: through how many page-table entries it was accessed since this was last asked; forgets it. */
    int referenced(int pfn);

    /**
     * {@code try_to_unmap()}: takes the page out of every page table.
     *
     * @param swapEntry what is left in its place; 0 for nothing, which a page of a file is found again without
     * @return whether it is unmapped
     */
    boolean unmap(int pfn, int swapEntry);

    /**
     * {@code remove_mapping()}: forgets the page, which is clean and mapped nowhere. Clears {@code page->mapping}; reclaim frees the
     * page.
     *
     * @return false if somebody uses it just now
     */
    boolean drop(int pfn);

    /**
     * The contents go to disk: called when writing starts, with the contents as they are at that moment ({@code writepage()}). Not called
     * for pages that go to swap.
     */
    void write(int pfn);

    /**
     * {@code migrate_page()}: the contents and all state of the page are in another frame now.
     *
     * @return false if it cannot be moved; nothing has changed then
     */
    boolean migrate(int from, int to);
}

package org.kmemscope.api.phys;

import org.kmemscope.api.state.Stateful;
import org.osgi.annotation.versioning.ProviderType;

/**
 * {@code mem_map}: one {@code struct page} for each frame between the first and the last frame of RAM, holes included, held as a
 * structure of flat primitive arrays indexed by pfn.
 *
 * <p>Like Linux, it lets the present owner of a frame use the same words for different things: {@link #next}/{@link #prev} are the
 * list links of a free block, of a page on a per-CPU list or on an LRU; of a slab page they are what the slab allocator keeps
 * there ({@code page->lru} holds the cache and the slab in 2.6).
 *
 * <p>All pfns are absolute frame numbers in {@code [firstPfn, endPfn)}; others throw {@link IndexOutOfBoundsException}. What
 * survives an exchange of allocators is here and in RAM, nowhere else. Not thread safe; the machine's lock is held.
 */
@ProviderType
public interface PageFrames extends Stateful {
    /** No frame: the end of a list, or "none". */
    int NONE = -1;

    /** First frame number, {@code min_low_pfn}. */
    int firstPfn();

    /** One past the last frame number, {@code max_pfn}. */
    int endPfn();

    /** Whether {@code mem_map} has an entry for this frame ({@code pfn_valid}). */
    default boolean isValid(long pfn) {
        return pfn >= firstPfn() && pfn < endPfn();
    }

    /** The flag bits, see {@link PageFlag}. */
    int flags(int pfn);

    /** Replaces all flag bits. */
    void setFlags(int pfn, int bits);

    /** Whether a flag is set. */
    default boolean is(int pfn, PageFlag flag) {
        return (flags(pfn) & flag.bit()) != 0;
    }

    /** Sets a flag. */
    default void set(int pfn, PageFlag flag) {
        setFlags(pfn, flags(pfn) | flag.bit());
    }

    /** Clears a flag. */
    default void clear(int pfn, PageFlag flag) {
        setFlags(pfn, flags(pfn) & ~flag.bit());
    }

    /** {@code page_count()}: references to the page; 0 for a free page. */
    int count(int pfn);

    /** Sets the reference count. */
    void setCount(int pfn, int count);

    /** {@code page_mapcount()}: user page-table entries that map this page; 0 when unmapped. */
    int mapCount(int pfn);

    /** Sets the map count. */
    void setMapCount(int pfn, int count);

    /** {@code page->private}: meaning given by the flags, see {@link PageFlag}. */
    int privateData(int pfn);

    /** Sets {@code page->private}. */
    void setPrivateData(int pfn, int value);

    /** {@code page->lru.next} as a pfn, or a word of the owner's. */
    int next(int pfn);

    /** Sets {@code page->lru.next}. */
    void setNext(int pfn, int value);

    /** {@code page->lru.prev} as a pfn, or a word of the owner's. */
    int prev(int pfn);

    /** Sets {@code page->lru.prev}. */
    void setPrev(int pfn, int value);

    /** Who holds the page: an id of {@link org.kmemscope.api.trace.CallSites}; 0 when nobody does. As {@code page_owner} keeps. */
    int owner(int pfn);

    /** Sets the holder. */
    void setOwner(int pfn, int callSite);

    /**
     * {@code page->mapping}: to what address space the page belongs, a number given by
     * {@link org.kmemscope.api.reclaim.PageOwner}; 0 is NULL. A page that is freed must not have one.
     */
    int mapping(int pfn);

    /** Sets {@code page->mapping}. */
    void setMapping(int pfn, int mapping);

    /** {@code page->index}: which page of its address space it is. */
    int index(int pfn);

    /** Sets {@code page->index}. */
    void setIndex(int pfn, int index);

    /** log2 of the number of frames in a pageblock, {@code pageblock_order}. */
    int pageblockOrder();

    /**
     * {@code get_pageblock_migratetype()}: type of the block this frame lies in, in the numbering of the machine's era. Where a zone
     * ends inside a pageblock, each zone has a type for its part; a frame in no zone has type 0.
     */
    int blockType(int pfn);

    /** {@code set_pageblock_migratetype()}. */
    void setBlockType(int pfn, int migratetype);

    /** Index of the zone this frame belongs to ({@code page_zonenum}); -1 if to none. */
    int zone(int pfn);

    /** Assigns {@code [startPfn, endPfn)} to a zone; at boot only. */
    void assignZone(int zone, int startPfn, int endPfn);

    /** Pfn of the head of the compound page this frame is part of, or the frame itself. */
    default int compoundHead(int pfn) {
        return is(pfn, PageFlag.TAIL) ? privateData(pfn) : pfn;
    }

    /** {@code compound_order()}: the order of a compound page by its head, 0 for any other page. */
    default int compoundOrder(int head) {
        return is(head, PageFlag.HEAD) ? privateData(head) : 0;
    }

    /** {@code buddy_order()}: the order of a free block by its first frame. */
    default int buddyOrder(int pfn) {
        return privateData(pfn) & 0xff;
    }
}

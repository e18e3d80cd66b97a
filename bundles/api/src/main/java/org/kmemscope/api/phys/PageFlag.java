package org.kmemscope.api.phys;

import java.util.ArrayList;
import java.util.List;

/**
 * Bits of {@code page->flags}. The positions are this model's own (they moved with every kernel); the names are Linux's, without
 * {@code PG_}, as {@code /proc/kpageflags} and bad-page reports print them.
 */
public enum PageFlag {
    /** The page is locked for I/O. */
    LOCKED,
    /** Recently used. */
    REFERENCED,
    /** The contents are valid. */
    UPTODATE,
    /** The contents differ from what is on disk. */
    DIRTY,
    /** On an LRU list of reclaim. */
    LRU,
    /** On the active LRU list. */
    ACTIVE,
    /** Belongs to a slab of the bound object allocator. */
    SLAB,
    /** Never given to the page allocator: kernel image, page tables of boot, holes. */
    RESERVED,
    /** Has file-system private data. */
    PRIVATE,
    /** Being written to disk. */
    WRITEBACK,
    /** First page of a compound page; {@link PageFrames#privateData} of the head is the order. */
    HEAD,
    /** Later page of a compound page; {@link PageFrames#privateData} is the pfn of the head. */
    TAIL,
    /**
     * First page of a free block, {@code PG_buddy}; the low byte of {@link PageFrames#privateData} is the order, the next the migrate
     * type of the list it is on.
     */
    BUDDY,
    /** On a per-CPU list; {@link PageFrames#privateData} is the migrate type it came with ({@code get_pcppage_migratetype}). */
    PCP,
    /** Backed by swap. */
    SWAPBACKED,
    /** Cannot be reclaimed. */
    UNEVICTABLE,
    /** Mapped by user space or otherwise movable by migration without being on the LRU. */
    MOVABLE,
    /** Holds page tables. */
    TABLE,
    /** There is no RAM behind this frame. */
    HOLE,
    /** Holds live objects of an object allocator that was exchanged; belongs to the machine until they are freed. */
    HANDED_OVER,
    /** Taken with {@code __GFP_RECLAIMABLE}: a slab of it counts as reclaimable. */
    RECLAIMABLE,
    /** Has a slot in the swap area; {@link PageFrames#privateData} is its number. */
    SWAPCACHE,
    /** Locked into memory by {@code mlock()}. */
    MLOCKED,
    /** To be freed when it has been written. */
    RECLAIM;

    private final int bit = 1 << ordinal();

    /** The bit of this flag in {@link PageFrames#flags}. */
    public int bit() {
        return bit;
    }

    /** The name as {@code kpageflags} tools print it. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** The flags whose bits are set, in order of position. */
    public static List<PageFlag> of(int bits) {
        List<PageFlag> set = new ArrayList<>();
        for (PageFlag flag : values()) {
            if ((bits & flag.bit) != 0) {
                set.add(flag);
            }
        }
        return set;
    }
}

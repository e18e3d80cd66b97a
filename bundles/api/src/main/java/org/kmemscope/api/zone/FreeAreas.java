package org.kmemscope.api.zone;

import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.Stateful;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The free blocks of one zone: which of its frames are free, in blocks of {@code 2^order}, sorted by migrate type. The zone above
 * keeps the count of free pages, the watermarks and the per-CPU lists; this engine decides which block serves a request, splits,
 * merges and falls back.
 *
 * <p>Free blocks are marked in {@link PageFrames} ({@code PG_buddy}, order), so that an engine can be built from what another left
 * behind. Migrate types are numbers of the machine's era. Calls allocate nothing.
 */
@ProviderType
public interface FreeAreas extends Stateful {
    /** No block. */
    int NONE = PageFrames.NONE;

    /** Name of the implementation. */
    String name();

    /**
     * Takes a block for a request ({@code __rmqueue}): of the type itself, or by fallback. The type of the list it came from is left
     * in {@link PageFrames#privateData}. The caller counts free pages.
     *
     * @param order 0 to {@link #maxOrder()} - 1
     * @param migratetype wanted type
     * @param cma whether the request may have CMA pages
     * @return pfn of the block, or {@link #NONE}
     */
    int take(int order, int migratetype, boolean cma);

    /**
     * Takes a block of exactly this type ({@code __rmqueue_smallest}).
     *
     * @return pfn of the block, or {@link #NONE}
     */
    int takeOfType(int order, int migratetype);

    /**
     * Gives a block back and merges it ({@code __free_one_page}). The caller counts free pages.
     *
     * @param pfn first frame, a multiple of {@code 2^order}
     * @param migratetype type of the list it goes to, normally that of its pageblock
     */
    void put(int pfn, int order, int migratetype);

    /** As {@link #put}, but to the tail of its list whatever was merged: how boot gives memory to the allocator. */
    void putLast(int pfn, int order, int migratetype);

    /**
     * Moves every free block of a pageblock to the lists of another type ({@code move_freepages_block}).
     *
     * @param pfn any frame of the pageblock
     * @return pages moved
     */
    int moveBlock(int pfn, int migratetype);

    /** Takes one free block off its list as it is. */
    void remove(int pfn);

    /** Free blocks of an order, all types. */
    int count(int order);

    /** Free blocks of an order and type. */
    int count(int order, int migratetype);

    /** Whether a request of a type finds a block of that type or larger on its own lists. */
    boolean hasBlock(int order, int migratetype);

    /** First block of a list, or {@link #NONE}; {@link #nextBlock} leads on. */
    int first(int order, int migratetype);

    /** The block that follows on its list, or {@link #NONE}. */
    int nextBlock(int pfn);

    /** Puts a free block at the tail of a list without merging; for loading a recorded state. */
    void append(int pfn, int order, int migratetype);

    /** Forgets every free block; for loading a recorded state. */
    void clear();

    /** Number of orders ({@code MAX_ORDER} before 6.4): the largest block has order {@code maxOrder() - 1}. */
    int maxOrder();

    /** Checks the free lists against the frames. */
    void verify(Verification report);
}

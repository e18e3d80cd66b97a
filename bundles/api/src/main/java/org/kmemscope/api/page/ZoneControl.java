package org.kmemscope.api.page;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The zones as reclaim, compaction and kswapd see them: how much is free against which mark, and what only they may change. Zones are
 * indices of the allocator; all sizes are pages.
 */
@ProviderType
public interface ZoneControl {
    /** No right beyond the ordinary. */
    int NO_FLAGS = 0;

    /** Watermarks of a zone. */
    enum Mark {
        /** Below it only those with special rights are served. */
        MIN,
        /** Below it kswapd is woken. */
        LOW,
        /** Above it kswapd sleeps. */
        HIGH
    }

    /** Number of zones, empty ones included. */
    int zoneCount();

    /** {@code managed_zone()}: whether the allocator was given any page of it. */
    boolean isManaged(int zone);

    /** Pages the allocator was given. */
    long managed(int zone);

    /** The zone's counter of free pages ({@code NR_FREE_PAGES}), without the differences of the CPUs. */
    long free(int zone);

    /** The same with the differences ({@code zone_page_state_snapshot()}). */
    long exactFree(int zone);

    /** How often a block came back to the free areas of the zone, for those who want to know whether any did. */
    long frees(int zone);

    /** Pages that were given back in all zones since boot ({@code pgfree}). */
    long pagesFreed();

    /** A watermark with its boost ({@code wmark_pages()}). */
    long mark(int zone, Mark mark);

    /** Temporary addition to every watermark. */
    long boost(int zone);

    /** Lowers a boost; not below 0. */
    void lowerBoost(int zone, long pages);

    /** What the zone keeps from requests that could have used zones up to another ({@code lowmem_reserve[]}). */
    long reserve(int zone, int highestZone);

    /**
     * {@code zone_watermark_ok()}.
     *
     * @param mark in pages, with boost if that shall count
     * @param highestZone highest zone the request may use
     * @param allocFlags rights of the request as the allocator gave them to {@link Reclaimer}, {@link #NO_FLAGS}, or
     *     {@link #cmaFlag()}
     */
    boolean watermarkOk(int zone, int order, long mark, int highestZone, int allocFlags);

    /** The same, with another number of free pages than the zone's ({@code __zone_watermark_ok()}). */
    boolean watermarkOk(int zone, int order, long mark, int highestZone, int allocFlags, long freePages);

    /** The watermark that rights speak of ({@code alloc_flags & ALLOC_WMARK_MASK}). */
    long markOf(int zone, int allocFlags);

    /** The right to have CMA pages. */
    int cmaFlag();

    /** Free blocks of an order. */
    int freeBlocks(int zone, int order);

    /**
     * Whether a block of an order or larger lies on a list that a request of a type would be served from: its own, CMA for movable pages,
     * or one of another type whose pageblock it may claim ({@code find_suitable_fallback()}).
     */
    boolean hasBlockFor(int zone, int order, int migratetype);

    /** First frame of the zone. */
    int startPfn(int zone);

    /** One past the last frame the zone spans. */
    int endPfn(int zone);

    /** kswapd starts or ends working on a zone ({@code ZONE_RECLAIM_ACTIVE}, 5.13 and later): per-CPU lists are kept short meanwhile. */
    void setReclaimActive(int zone, boolean active);

    /** {@code drain_local_pages()}: empties the lists of this CPU, so that what was freed can merge. */
    void drainLocal(int zone);

    /**
     * {@code __isolate_free_page()}: takes a free block off its list for compaction. Its pages have a count of 1 and are given back with
     * {@link PageAllocator#freePages}, one by one.
     *
     * @param pfn first frame of a free block
     * @return log2 of the number of its pages, or -1 if the zone would fall below its min watermark
     */
    int isolateFree(int pfn);
}

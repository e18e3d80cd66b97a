package org.kmemscope.api.zone;

import org.osgi.annotation.versioning.ProviderType;

/** What the engine of free areas needs to know of the zone it works for, and tells it. */
@ProviderType
public interface FreeAreaHost {
    /** Index of the zone. */
    int zoneIndex();

    /** First frame of the zone ({@code zone_start_pfn}). */
    int startPfn();

    /** One past the last frame it spans. */
    int endPfn();

    /** {@code page_group_by_mobility_disabled}: memory is too small to keep migrate types apart. */
    boolean mobilityGroupingDisabled();

    /** Whether more than half of the free pages are CMA pages, so that movable requests take those first. */
    boolean cmaFirst();

    /** A fallback is about to claim part of a foreign pageblock: the watermarks may rise ({@code boost_watermark}). */
    void boostWatermark();

    /**
     * A request was served from the blocks of another type ({@code mm_page_alloc_extfrag}).
     *
     * @param pfn block that was taken
     * @param order order that was asked for
     * @param fallbackOrder order of the block
     * @param migratetype type that was asked for
     * @param fallbackType type of the block
     * @param claimed whether the pageblock has the wanted type now
     */
    void fellBack(int pfn, int order, int fallbackOrder, int migratetype, int fallbackType, boolean claimed);
}

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

    /** A fallback is about to claim part of a foreign pageblock: the watermarks may be raised ({@code boost_watermark}). */
    void boostWatermark();

    /** Pages freed or taken away count as CMA pages too. */
    void cmaChanged(int pages);

    /**
     * Whether the request in hand may wake kswapd ({@code ALLOC_KSWAPD}); decides whether a boost marks the zone.
     */
    boolean groupByMobilityDisabled();
}

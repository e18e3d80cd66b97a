package org.kmemscope.zone;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.ZoneLimits;
import org.kmemscope.api.page.ZoneType;

/**
 * How boot sizes the zones ({@code free_area_init_core}).
 *
 * <pre>
 *   0        16M                 high_memory               end of RAM
 *   │  DMA   │      Normal       │        HighMem         │
 * </pre>
 *
 * <p>Spanned: first to last frame. Present: less holes, and before 3.9 less the pages that the zone's {@code struct page}s take
 * ({@code memmap}), as if they lay inside the zone; where these are more than the zone has, they do not count.
 */
final class ZoneSizing {
    private final Profile profile;
    private final ZoneLimits limits;

    ZoneSizing(Ground ground) {
        profile = ground.profile();
        limits = ground.layout().zones();
    }

    /** The zones of this kernel by index, empty ones included. */
    List<ZoneSpec> zones() {
        int highmem = limits.indexOf(ZoneType.HIGHMEM);
        // ZONE_MOVABLE takes its pages from the highest zone there is, and is high memory if that is
        boolean movableIsHigh = highmem >= 0 && !limits.zones().get(highmem).isEmpty();
        List<ZoneSpec> zones = new ArrayList<>();
        for (ZoneLimits.Zone zone : limits.zones()) {
            boolean high = zone.type() == ZoneType.HIGHMEM || zone.type() == ZoneType.MOVABLE && movableIsHigh;
            zones.add(new ZoneSpec(zones.size(), zone.type(), zone.startPfn(), zone.spanned(), present(zone), high));
        }
        return zones;
    }

    private long present(ZoneLimits.Zone zone) {
        long present = limits.presentIn(zone.startPfn(), zone.endPfn());
        long memmap = memmapPages(zone.spanned());
        boolean counts = !profile.kernel().version().isAtLeast(3, 9);
        return counts && memmap <= present ? present - memmap : present;
    }

    /** Whole pages in 2.6.24 ("255 pages used for memmap" for 32736 frames), rounded up in every capture since. */
    private long memmapPages(long spanned) {
        long bytes = spanned * profile.kernel().structPageSize();
        boolean roundsUp = profile.kernel().version().isAtLeast(2, 6, 25);
        return (roundsUp ? bytes + Profile.PAGE_SIZE - 1 : bytes) >>> Profile.PAGE_SHIFT;
    }
}

package org.kmemscope.machine.layout;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.ZoneLimits;
import org.kmemscope.api.ground.ZoneLimits.PfnRange;
import org.kmemscope.api.ground.ZoneLimits.Zone;
import org.kmemscope.api.page.ZoneType;

/**
 * Divides the frames into zones:
 * <pre>
 *   first frame      end of DMA         end of low memory       end of RAM
 *   |  DMA           |  Normal           |  HighMem     | Movable |
 * </pre>
 * Each zone begins where the one below ends; without {@code CONFIG_ZONE_DMA} Normal begins at the first frame. {@link MovableZone} says
 * where Movable cuts the highest of them off, if boot options ask for it. A zone with nothing in it spans 0-0. Source: {@code
 * free_area_init_nodes()}, {@code zone_spanned_pages_in_node()}.
 */
final class Zones {
    private static final int DEFAULT_MAX_ORDER = 11;

    private Zones() {}

    /**
     * The zones of a machine.
     *
     * @param maxLowPfn end of low memory
     * @param present what counts as present; the first and the last of it bound all zones
     */
    static ZoneLimits of(Profile profile, Geometry geometry, int maxLowPfn, List<PfnRange> present) {
        KernelConfig config = profile.kernel().config();
        int start = present.get(0).startPfn();
        int end = present.get(present.size() - 1).endPfn();
        List<Zone> zones = new ArrayList<>();
        int from = start;
        if (profile.zoneDma()) {
            int dmaEnd = (int) Math.min(profile.dmaZoneEnd() >>> Profile.PAGE_SHIFT, maxLowPfn);
            zones.add(zone(ZoneType.DMA, from, Math.min(dmaEnd, end)));
            from = Math.max(from, dmaEnd);
        }
        zones.add(zone(ZoneType.NORMAL, from, Math.min(maxLowPfn, end)));
        if (config.highmem()) {
            zones.add(zone(ZoneType.HIGHMEM, Math.max(from, maxLowPfn), end));
        }
        int maxOrder = maxOrder(config);
        int movable = new MovableZone(profile.kernel(), present).start(zones, 1 << (maxOrder - 1));
        List<Zone> cut = new ArrayList<>();
        for (Zone zone : zones) {
            cut.add(zone(zone.type(), zone.startPfn(), Math.min(zone.endPfn(), movable)));
        }
        cut.add(zone(ZoneType.MOVABLE, movable, end));
        return new ZoneLimits(maxOrder, pageblockOrder(config, geometry, maxOrder), cut, present);
    }

    private static Zone zone(ZoneType type, int start, int end) {
        return end > start ? new Zone(type, start, end) : new Zone(type, 0, 0);
    }

    /** {@code MAX_ORDER}: a build may set it; the option was renamed in 6.0. */
    private static int maxOrder(KernelConfig config) {
        return config.integer("ARCH_FORCE_MAX_ORDER", config.integer("FORCE_MAX_ZONEORDER", DEFAULT_MAX_ORDER));
    }

    /** {@code pageblock_order}: the order of a huge page where the kernel has them, else the largest order. */
    private static int pageblockOrder(KernelConfig config, Geometry geometry, int maxOrder) {
        int hugePage = geometry.pmdShift() - Profile.PAGE_SHIFT;
        return config.is("HUGETLB_PAGE") ? Math.min(hugePage, maxOrder - 1) : maxOrder - 1;
    }
}

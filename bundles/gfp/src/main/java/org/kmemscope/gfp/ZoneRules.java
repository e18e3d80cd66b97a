package org.kmemscope.gfp;

import java.util.List;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.page.ZoneType;

/**
 * {@code gfp_zone()}: which zone the zone bits of a mask select, worked out once for all their combinations. They are seen in one
 * order, whatever number {@code __GFP_MOVABLE} has in a kernel:
 *
 * <pre>
 *   | MOVABLE | DMA32 | HIGHMEM | DMA |
 *        8        4        2       1
 * </pre>
 *
 * <ol>
 *   <li>From 2.6.31 on, more than one of DMA, HIGHMEM and DMA32 is BAD: {@code GFP_ZONE_TABLE} has no entry for it, and what is read
 *       there is 0, the zone with the lowest index, whichever that is. Without {@code DEBUG_VM} nobody is told.
 *   <li>Otherwise the first wish in the order below that is asked for and whose zone is configured. Before 2.6.31 that is the whole
 *       rule: HIGHMEM with DMA32 is high memory where there is no ZONE_DMA32.
 *   <li>Otherwise Normal. So GFP_DMA means Normal on a kernel without ZONE_DMA ({@code OPT_ZONE_DMA}).
 * </ol>
 *
 * <p>A configured zone may be empty, as Normal is on an ARM board whose ZONE_DMA covers all of low memory; that is the zonelist's
 * concern.
 */
final class ZoneRules {
    /** The bit of {@code __GFP_DMA}. */
    static final int DMA = 1;
    /** The bit of {@code __GFP_HIGHMEM}. */
    static final int HIGHMEM = 2;
    /** The bit of {@code __GFP_DMA32}. */
    static final int DMA32 = 4;
    /** The bit that stands for {@code __GFP_MOVABLE}. */
    static final int MOVABLE = 8;

    private static final int COMBINATIONS = 16;

    /** The movable zone is only for pages that may be in high memory, too, and it is there whether or not high memory is. */
    private static final List<Wish> WISHES = List.of(
            new Wish(DMA, ZoneType.DMA),
            new Wish(DMA32, ZoneType.DMA32),
            new Wish(MOVABLE | HIGHMEM, ZoneType.MOVABLE),
            new Wish(HIGHMEM, ZoneType.HIGHMEM));

    /** All of the bits ask for the zone. */
    private record Wish(int bits, ZoneType zone) {}

    private ZoneRules() {}

    /** Whether more than one of DMA, HIGHMEM and DMA32 is asked for ({@code GFP_ZONE_BAD}). */
    static boolean isBad(int bits) {
        return Integer.bitCount(bits & (DMA | HIGHMEM | DMA32)) > 1;
    }

    /** The zone of each combination of bits, on a kernel. */
    static ZoneType[] zones(KernelVersion version, KernelConfig config) {
        boolean hasTable = version.isAtLeast(2, 6, 31);
        ZoneType[] zones = new ZoneType[COMBINATIONS];
        for (int bits = 0; bits < COMBINATIONS; bits++) {
            zones[bits] = hasTable && isBad(bits) ? lowest(config) : granted(bits, config);
        }
        return zones;
    }

    private static ZoneType granted(int bits, KernelConfig config) {
        return WISHES.stream()
                .filter(wish -> (bits & wish.bits()) == wish.bits() && isConfigured(wish.zone(), config))
                .findFirst()
                .map(Wish::zone)
                .orElse(ZoneType.NORMAL);
    }

    private static ZoneType lowest(KernelConfig config) {
        return List.of(ZoneType.DMA, ZoneType.DMA32, ZoneType.NORMAL).stream()
                .filter(zone -> isConfigured(zone, config))
                .findFirst()
                .orElseThrow();
    }

    private static boolean isConfigured(ZoneType zone, KernelConfig config) {
        return switch (zone) {
            case DMA -> config.is("ZONE_DMA");
            case DMA32 -> config.is("ZONE_DMA32");
            case HIGHMEM -> config.highmem();
            case NORMAL, MOVABLE -> true;
        };
    }
}

package org.kmemscope.api.ground;

import java.util.List;
import org.kmemscope.api.page.ZoneType;

/**
 * How the frames of a machine are divided into zones, computed with the {@link AddressLayout}.
 *
 * @param maxOrder {@code MAX_ORDER} as kernels before 6.4 count it: the largest block has {@code 2^(maxOrder-1)} pages
 * @param pageblockOrder {@code pageblock_order}
 * @param zones every zone this kernel has, empty ones too; a zone's place in the list is its index
 * @param present frames the kernel counts as present ({@code early_node_map}, {@code memblock.memory}), ascending; what lies between
 *     them are holes. Kernels before 2.6.27 on i386 count everything below {@code max_pfn}, holes included
 */
public record ZoneLimits(int maxOrder, int pageblockOrder, List<Zone> zones, List<PfnRange> present) {
    /** No zones: for a layout that is made by hand. */
    public static final ZoneLimits NONE = new ZoneLimits(11, 10, List.of(), List.of());

    /** Keeps unmodifiable copies. */
    public ZoneLimits {
        zones = List.copyOf(zones);
        present = List.copyOf(present);
    }

    /**
     * What a zone spans, holes included.
     *
     * @param type which
     * @param startPfn {@code zone_start_pfn}; 0 for an empty zone
     * @param endPfn one past the last frame; 0 for an empty zone
     */
    public record Zone(ZoneType type, int startPfn, int endPfn) {
        /** {@code spanned_pages}. */
        public int spanned() {
            return endPfn - startPfn;
        }

        /** Whether the zone spans nothing. */
        public boolean isEmpty() {
            return endPfn == startPfn;
        }
    }

    /**
     * Frames in a row.
     *
     * @param startPfn first frame
     * @param endPfn one past the last
     */
    public record PfnRange(int startPfn, int endPfn) {}

    /** Index of a zone type, or -1 if this kernel has no such zone. */
    public int indexOf(ZoneType type) {
        for (int i = 0; i < zones.size(); i++) {
            if (zones.get(i).type() == type) {
                return i;
            }
        }
        return -1;
    }

    /** Present frames of {@code [startPfn, endPfn)}: all but the holes. */
    public int presentIn(int startPfn, int endPfn) {
        int count = 0;
        for (PfnRange range : present) {
            count += Math.max(0, Math.min(range.endPfn(), endPfn) - Math.max(range.startPfn(), startPfn));
        }
        return count;
    }
}

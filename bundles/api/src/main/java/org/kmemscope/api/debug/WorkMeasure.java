package org.kmemscope.api.debug;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.kmemscope.api.view.ZoneView;

/**
 * What some work did to a machine.
 *
 * @param mostPages the most pages in use at any moment
 * @param start how the machine stood when it began
 * @param peak how the machine stood at the sample with the most pages in use
 * @param end how it stood at the end
 * @param failures requests for pages that failed, in order
 * @param steps how often the allocators took each step, in the order of a request's way
 */
public record WorkMeasure(
        long mostPages, Moment start, Moment peak, Moment end, List<Failed> failures, Map<String, Long> steps) {
    /** Thousandths, in which the kernel's indices are counted. */
    public static final int SCALE = 1000;

    /** Keeps unmodifiable copies, in order. */
    public WorkMeasure {
        failures = List.copyOf(failures);
        steps = Collections.unmodifiableMap(new LinkedHashMap<>(steps));
    }

    /**
     * How a machine stands at a moment. Objects and bytes are those that came since the start, with those that an allocator
     * asks of itself, such as SLAB for its descriptors.
     *
     * @param pages pages in use: neither in the free areas nor on per-CPU lists
     * @param objects objects of the object allocator in somebody's hands
     * @param requested bytes that were asked for
     * @param allotted bytes that these objects take up, rounded up to what the allocator has
     * @param held bytes of the pages that the object allocator has taken
     * @param zones how fragmented free memory is
     * @param cachePages pages of slabs by cache, of all objects; caches without any are left out
     */
    public record Moment(
            long pages,
            long objects,
            long requested,
            long allotted,
            long held,
            List<Fragmentation> zones,
            Map<String, Long> cachePages) {
        /** Keeps unmodifiable copies, in order. */
        public Moment {
            zones = List.copyOf(zones);
            cachePages = Collections.unmodifiableMap(new LinkedHashMap<>(cachePages));
        }

        /** Internal fragmentation: the part of what is held that nobody asked for, in thousandths; 0 if nothing is held. */
        public long internalFragmentation() {
            return held <= 0 ? 0 : SCALE * Math.max(0, held - requested) / held;
        }
    }

    /**
     * How fragmented a zone's free memory is ({@code /sys/kernel/debug/extfrag}), by order, in thousandths.
     *
     * @param zone name of the zone
     * @param free free pages
     * @param unusable {@link ZoneView#unusableIndex}
     * @param fragmentation {@link ZoneView#fragmentationIndex}
     */
    public record Fragmentation(String zone, long free, List<Integer> unusable, List<Integer> fragmentation) {
        /** Keeps unmodifiable copies. */
        public Fragmentation {
            unusable = List.copyOf(unusable);
            fragmentation = List.copyOf(fragmentation);
        }

        /** That of a zone. */
        public static Fragmentation of(ZoneView zone) {
            int orders = zone.freeBlocks().size();
            return new Fragmentation(
                    zone.type().label(),
                    zone.free(),
                    IntStream.range(0, orders).mapToObj(zone::unusableIndex).toList(),
                    IntStream.range(0, orders)
                            .mapToObj(zone::fragmentationIndex)
                            .toList());
        }
    }

    /**
     * A request for pages that failed, or several alike in a row.
     *
     * @param order its order
     * @param gfp its mask, by names
     * @param site where the call came from
     * @param times how often in a row
     */
    public record Failed(int order, String gfp, String site, long times) {}
}

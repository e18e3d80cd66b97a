package org.kmemscope.machine.layout;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.BootOptions;
import org.kmemscope.api.ground.KernelSpec;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Sizes;
import org.kmemscope.api.ground.ZoneLimits.PfnRange;
import org.kmemscope.api.ground.ZoneLimits.Zone;

/**
 * Where ZONE_MOVABLE begins, if {@code kernelcore=} or {@code movablecore=} ask for one.
 * <ol>
 *   <li>Memory for the kernel: {@code kernelcore}; or what {@code movablecore}, rounded up to the largest block, leaves of all memory; the
 *       larger of the two. Nothing, or all of it: no such zone.
 *   <li>The zone is cut off the highest zone with memory. What lies below that zone counts as memory for the kernel; of the zone itself, as
 *       much as is then missing stays.
 *   <li>It begins at the next multiple of the largest block.
 * </ol>
 * From 4.17 on, sizes may be percent of all memory. Source: {@code find_zone_movable_pfns_for_nodes()}.
 */
final class MovableZone {
    private static final String PERCENT = "%";
    private static final long HUNDRED = 100;

    private final BootOptions options;
    private final boolean percentages;
    private final List<PfnRange> present;

    MovableZone(KernelSpec kernel, List<PfnRange> present) {
        options = kernel.options();
        percentages = kernel.version().isAtLeast(4, 17);
        this.present = present;
    }

    /**
     * Its first frame, or {@link Integer#MAX_VALUE} if there is no such zone.
     *
     * @param zones the other zones, ascending
     * @param largestBlock frames of the largest block
     */
    int start(List<Zone> zones, int largestBlock) {
        long total = present.stream()
                .mapToLong(range -> range.endPfn() - range.startPfn())
                .sum();
        long forKernel = pages("kernelcore", total).orElse(0L);
        Optional<Long> movable = pages("movablecore", total);
        if (movable.isPresent()) {
            long rounded = (movable.get() + largestBlock - 1) / largestBlock * largestBlock;
            forKernel = Math.max(forKernel, total - Math.min(total, rounded));
        }
        if (forKernel == 0 || forKernel >= total) {
            return Integer.MAX_VALUE;
        }
        Zone highest = zones.stream()
                .filter(zone -> !zone.isEmpty())
                .reduce((lower, higher) -> higher)
                .orElseThrow(() -> new IllegalArgumentException("the machine has no RAM"));
        int start = (cut(highest.startPfn(), forKernel) + largestBlock - 1) / largestBlock * largestBlock;
        return start < highest.endPfn() ? start : Integer.MAX_VALUE;
    }

    /** The frame from which on memory is no longer the kernel's; not below the first frame of the zone. */
    private int cut(int zoneStart, long forKernel) {
        long left = forKernel;
        int cut = zoneStart;
        for (PfnRange range : present) {
            int below = Math.max(0, Math.min(range.endPfn(), zoneStart) - range.startPfn());
            left -= Math.min(left, below);
            if (range.endPfn() > zoneStart) {
                int start = Math.max(range.startPfn(), zoneStart);
                long stays = Math.min(left, range.endPfn() - start);
                cut = (int) (start + stays);
                left -= stays;
                if (left == 0) {
                    break;
                }
            }
        }
        return cut;
    }

    private Optional<Long> pages(String option, long total) {
        Optional<String> value = options.get(option);
        if (value.filter(text -> percentages && text.endsWith(PERCENT)).isPresent()) {
            String number = value.get().substring(0, value.get().length() - 1);
            return Optional.of(total * Sizes.parse(number) / HUNDRED);
        }
        // kernelcore=mirror asks for memory that firmware mirrors, which these machines do not have
        return value.filter(text -> !text.equals("mirror"))
                .map(text -> (Sizes.parse(text) + Profile.PAGE_SIZE - 1) >>> Profile.PAGE_SHIFT);
    }
}

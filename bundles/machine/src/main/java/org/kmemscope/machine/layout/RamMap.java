package org.kmemscope.machine.layout;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.MemoryRegion.Kind;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.ZoneLimits.PfnRange;

/** RAM in whole frames. A frame that is RAM only in part is not counted ({@code PFN_UP} of a start, {@code PFN_DOWN} of an end). */
final class RamMap {
    private final List<PfnRange> ranges;

    private RamMap(List<PfnRange> ranges) {
        this.ranges = ranges;
    }

    /** The RAM of a profile. */
    static RamMap of(Profile profile) {
        List<PfnRange> ranges = new ArrayList<>();
        for (MemoryRegion region : profile.memory()) {
            int start = (int) ((region.start() + Profile.PAGE_SIZE - 1) >>> Profile.PAGE_SHIFT);
            int end = (int) (region.end() >>> Profile.PAGE_SHIFT);
            if (region.kind() == Kind.RAM && start < end) {
                ranges.add(new PfnRange(start, end));
            }
        }
        if (ranges.isEmpty()) {
            throw new IllegalArgumentException("the machine has no RAM");
        }
        return new RamMap(ranges);
    }

    /** First frame. */
    int firstPfn() {
        return ranges.get(0).startPfn();
    }

    /** One past the last frame. */
    int endPfn() {
        return ranges.get(ranges.size() - 1).endPfn();
    }

    /** The end of the last piece that begins below a frame, or that frame if the piece goes on. */
    int endBelow(int limit) {
        int end = firstPfn();
        for (PfnRange range : ranges) {
            if (range.startPfn() < limit) {
                end = Math.min(range.endPfn(), limit);
            }
        }
        return end;
    }

    /** The pieces below a frame. */
    List<PfnRange> below(int limit) {
        List<PfnRange> cut = new ArrayList<>();
        for (PfnRange range : ranges) {
            if (range.startPfn() < limit) {
                cut.add(new PfnRange(range.startPfn(), Math.min(range.endPfn(), limit)));
            }
        }
        return cut;
    }
}

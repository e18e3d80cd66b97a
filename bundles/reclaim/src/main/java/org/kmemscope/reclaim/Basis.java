package org.kmemscope.reclaim;

import java.util.List;
import java.util.stream.IntStream;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.KernelSpec;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.page.ZoneControl;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.reclaim.ReclaimHost;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.trace.Tracepoints;

/** What every part of reclaim stands on, and what they share. */
final class Basis {
    final ObjectFloor floor;
    final ReclaimHost host;
    final PageFrames frames;
    final PageAllocator pages;
    final ZoneControl zones;
    final Tracepoints trace;
    final ReclaimRules rules;
    final Owners owners;
    final LruLists lru;
    final VmCounters counters;
    final Settings settings;

    // bits of masks, 0 where the kernel does not have the flag
    final int io;
    final int fs;
    final int mayWait;

    Basis(ObjectFloor floor, ReclaimHost host) {
        this.floor = floor;
        this.host = host;
        frames = floor.frames();
        pages = floor.pages();
        zones = pages.control();
        trace = floor.trace();
        KernelSpec kernel = floor.profile().kernel();
        rules = ReclaimRules.of(kernel.version(), kernel.config());
        owners = new Owners(frames);
        lru = new LruLists(frames, rules.lists(), zones.zoneCount());
        List<ZoneType> types =
                IntStream.range(0, zones.zoneCount()).mapToObj(pages::zoneType).toList();
        counters = new VmCounters(types);
        settings = new Settings(rules);
        GfpTable gfp = floor.gfp();
        io = gfp.orZero(Gfp.__GFP_IO);
        fs = gfp.orZero(Gfp.__GFP_FS);
        mayWait = gfp.orZero(Gfp.__GFP_WAIT) | gfp.orZero(Gfp.__GFP_DIRECT_RECLAIM);
    }

    long jiffies() {
        return floor.clock().jiffies();
    }

    int hz() {
        return floor.clock().hz();
    }

    boolean isHighmem(int zone) {
        ZoneType type = pages.zoneType(zone);
        // ZONE_MOVABLE is taken from the highest zone there is
        return type.isHighmem() || type == ZoneType.MOVABLE && hasHighmem();
    }

    private boolean hasHighmem() {
        for (int zone = 0; zone < zones.zoneCount(); zone++) {
            if (pages.zoneType(zone).isHighmem() && zones.isManaged(zone)) {
                return true;
            }
        }
        return false;
    }
}

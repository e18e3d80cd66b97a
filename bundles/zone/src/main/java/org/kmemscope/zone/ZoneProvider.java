package org.kmemscope.zone;

import java.util.List;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.page.PageAllocatorProvider;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.phys.RamRange;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.osgi.service.component.annotations.Component;

/** Makes zoned page allocators. */
@Component
public final class ZoneProvider implements PageAllocatorProvider {
    static final String NAME = "zone";
    /** {@code sysctl_lowmem_reserve_ratio}: a low zone gives this part of the zones above it away. */
    private static final int DMA_RATIO = 256;

    private static final int NORMAL_RATIO = 32;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public PageAllocator create(Ground ground, List<RamRange> reserved, FreeAreaProvider freeAreas) {
        ZonedPageAllocator allocator = empty(ground, freeAreas);
        markFrames(ground, allocator.zones, reserved);
        releaseAll(ground, allocator);
        allocator.watermarks.initialise(allocator.totalPages(), ground.frames().pageblockOrder());
        BootReserve.apply(allocator);
        return allocator;
    }

    /** An allocator whose zones have no free page yet. */
    private static ZonedPageAllocator empty(Ground ground, FreeAreaProvider freeAreas) {
        PageFrames frames = ground.frames();
        ZoneRules rules = new ZoneRules(ground, ground.layout().zones().maxOrder());
        List<ZoneSpec> specs = new ZoneSizing(ground).zones();
        Zone[] zones = new Zone[specs.size()];
        long[] ratios = new long[specs.size() - 1];
        int cpus = ground.profile().cpus();
        for (ZoneSpec spec : specs) {
            Zone zone = new Zone(spec, cpus, specs.size(), frames, ground.trace(), rules);
            zone.areas = freeAreas.create(ground, zone, rules.maxOrder());
            zone.perCpu = rules.perCpuLists(zone, frames, ground.trace(), cpus);
            zones[spec.index()] = zone;
            if (zone.populated()) {
                frames.assignZone(spec.index(), zone.startPfn, zone.endPfn);
            }
            if (spec.index() < ratios.length) {
                ratios[spec.index()] = ratio(spec.type(), rules);
            }
        }
        rules.tunables().setReserveRatio(rules.modern() ? java.util.Arrays.copyOf(ratios, specs.size()) : ratios);
        return new ZonedPageAllocator(ground, zones, rules, freeAreas.name());
    }

    /** Later kernels let high memory keep nothing from ZONE_MOVABLE; the older table has one value for both. */
    private static int ratio(ZoneType type, ZoneRules rules) {
        return switch (type) {
            case DMA, DMA32 -> DMA_RATIO;
            case NORMAL -> NORMAL_RATIO;
            case HIGHMEM, MOVABLE -> rules.modern() ? 0 : NORMAL_RATIO;
        };
    }

    private static void markFrames(Ground ground, Zone[] zones, List<RamRange> reserved) {
        PageFrames frames = ground.frames();
        int movable = ground.gfp().migrateTypes().indexOf(org.kmemscope.api.page.MigrateType.MOVABLE);
        int block = 1 << frames.pageblockOrder();
        for (int pfn = frames.firstPfn(); pfn < frames.endPfn(); pfn = (pfn & -block) + block) {
            frames.setBlockType(pfn, movable);
        }
        int at = frames.firstPfn();
        for (RamRange range : ground.ram().ranges()) {
            int start = (int) ((range.start() + Profile.PAGE_SIZE - 1) >>> Profile.PAGE_SHIFT);
            markHole(frames, at, Math.min(start, frames.endPfn()));
            at = Math.max(at, (int) (range.end() >>> Profile.PAGE_SHIFT));
        }
        markHole(frames, at, frames.endPfn());
        for (RamRange range : reserved) {
            int start = Math.max(frames.firstPfn(), (int) (range.start() >>> Profile.PAGE_SHIFT));
            int end = Math.min(frames.endPfn(), (int) ((range.end() + Profile.PAGE_SIZE - 1) >>> Profile.PAGE_SHIFT));
            for (int pfn = start; pfn < end; pfn++) {
                frames.setFlags(pfn, frames.flags(pfn) | PageFlag.RESERVED.bit());
            }
        }
        for (int pfn = frames.firstPfn(); pfn < zones[0].startPfn; pfn++) {
            frames.setFlags(pfn, frames.flags(pfn) | PageFlag.RESERVED.bit());
        }
    }

    private static void markHole(PageFrames frames, int start, int end) {
        for (int pfn = start; pfn < end; pfn++) {
            frames.setFlags(pfn, PageFlag.HOLE.bit() | PageFlag.RESERVED.bit());
        }
    }

    private static void releaseAll(Ground ground, ZonedPageAllocator allocator) {
        PageFrames frames = ground.frames();
        int pfn = frames.firstPfn();
        while (pfn < frames.endPfn()) {
            if (frames.is(pfn, PageFlag.RESERVED) || frames.zone(pfn) < 0) {
                pfn++;
                continue;
            }
            int end = pfn + 1;
            while (end < frames.endPfn() && !frames.is(end, PageFlag.RESERVED)) {
                end++;
            }
            allocator.release(pfn, end);
            pfn = end;
        }
    }
}

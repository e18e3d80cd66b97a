package org.kmemscope.zone;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.view.ZoneView;

/** Snapshots of the zones for those who look. */
final class ZoneViews {
    /** Pages with objects, whichever allocator made them. */
    private final ZonedPageAllocator allocator;

    private final PageFrames frames;
    private final MigrateTypes types;

    ZoneViews(ZonedPageAllocator allocator) {
        this.allocator = allocator;
        this.frames = allocator.frames;
        this.types = allocator.ground.gfp().migrateTypes();
    }

    List<ZoneView> all() {
        List<ZoneView> views = new ArrayList<>();
        for (Zone zone : allocator.zones) {
            views.add(view(zone));
        }
        return views;
    }

    private ZoneView view(Zone zone) {
        List<Long> protection = new ArrayList<>();
        for (long reserve : zone.reserve) {
            protection.add(reserve);
        }
        List<ZoneView.PageSet> sets = new ArrayList<>();
        for (int cpu = 0; zone.populated() && cpu < zone.freeDiff.length; cpu++) {
            sets.add(zone.perCpu.view(cpu));
        }
        return new ZoneView(
                zone.index,
                zone.type,
                zone.startPfn,
                zone.spanned,
                zone.present,
                zone.managed,
                zone.exactFree(),
                zone.min,
                zone.low,
                zone.high,
                zone.boost,
                protection,
                zone.highatomic,
                allocator.rules.cmaType() < 0 ? -1 : zone.cma,
                zone.exactCmaFree(),
                zone.threshold,
                freeBlocks(zone),
                freeByType(zone),
                pageblocks(zone),
                frames.pageblockOrder(),
                sets,
                statistics(zone));
    }

    private List<Long> freeBlocks(Zone zone) {
        List<Long> blocks = new ArrayList<>();
        for (int order = 0; order < allocator.rules.maxOrder(); order++) {
            blocks.add((long) zone.areas.count(order));
        }
        return blocks;
    }

    private Map<String, List<Long>> freeByType(Zone zone) {
        Map<String, List<Long>> byType = new LinkedHashMap<>();
        for (int type = 0; type < types.count(); type++) {
            List<Long> blocks = new ArrayList<>();
            for (int order = 0; order < allocator.rules.maxOrder(); order++) {
                blocks.add((long) zone.areas.count(order, type));
            }
            byType.put(types.type(type).label(), blocks);
        }
        return byType;
    }

    /**
     * {@code pagetypeinfo_showblockcount_print()}: goes on by whole pageblocks from the first frame of the zone, aligned or not, so the
     * last block of a zone that starts within a pageblock may not be counted.
     */
    private Map<String, Long> pageblocks(Zone zone) {
        long[] counts = new long[types.count()];
        int size = 1 << frames.pageblockOrder();
        for (int pfn = zone.startPfn; pfn < zone.endPfn; pfn += size) {
            if (!frames.is(pfn, PageFlag.HOLE)) {
                counts[frames.blockType(pfn)]++;
            }
        }
        Map<String, Long> blocks = new LinkedHashMap<>();
        for (int type = 0; type < counts.length; type++) {
            blocks.put(types.type(type).label(), counts[type]);
        }
        return blocks;
    }

    private Map<String, Long> statistics(Zone zone) {
        Map<String, Long> statistics = new LinkedHashMap<>();
        statistics.put("nr_free_pages", zone.exactFree());
        statistics.putAll(FrameCensus.of(frames, zone.startPfn, zone.endPfn).statistics());
        statistics.put("pgalloc", allocator.events().allocatedFrom(zone.index));
        statistics.put("pgfree", allocator.events().freedPages());
        if (allocator.rules.cmaType() >= 0) {
            statistics.put("nr_free_cma", zone.exactCmaFree());
        }
        statistics.putAll(allocator.reclaimer.numbers(zone.index));
        return statistics;
    }
}

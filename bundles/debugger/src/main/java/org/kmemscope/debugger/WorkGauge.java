package org.kmemscope.debugger;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.debug.WorkMeasure;
import org.kmemscope.api.debug.WorkMeasure.Failed;
import org.kmemscope.api.debug.WorkMeasure.Fragmentation;
import org.kmemscope.api.debug.WorkMeasure.Moment;
import org.kmemscope.api.debug.WorkMeter.Gauge;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.trace.TraceListener;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.api.view.ZoneView;

/**
 * Counts a machine's events. Pages in use are counted with each event, so that no peak is missed; what takes a walk over the machine
 * (pages of caches, fragmentation) is looked at when somebody samples, and only if more pages are in use than at any sample before.
 */
final class WorkGauge implements Gauge, TraceListener {
    /** Events that are steps of a request, by what they are called in a measure, in the order of its way. */
    private static final Map<TracePoint, String> STEPS = steps();

    private static final int SLAB = PageFlag.SLAB.bit() | PageFlag.HANDED_OVER.bit();

    private final Machine machine;
    private final long[] counts = new long[TracePoint.values().length];
    /** Live objects: bytes asked for, bytes taken up, bytes held beside the slabs. */
    private final Map<Long, long[]> objects = new HashMap<>();

    private final List<Failed> failures = new ArrayList<>();
    private final Moment start;
    private final long slabPagesAtStart;
    private long requested;
    private long allotted;
    private long beside;
    private long pages;
    private long most;
    private Moment peak;

    WorkGauge(Machine machine) {
        this.machine = machine;
        pages = inUse();
        most = pages;
        slabPagesAtStart = slabPages();
        start = look(pages);
        peak = start;
        List<TracePoint> points = new ArrayList<>(STEPS.keySet());
        points.addAll(List.of(TracePoint.MM_PAGE_FREE, TracePoint.KFREE, TracePoint.KMEM_CACHE_FREE));
        machine.trace().listen(this, points.toArray(TracePoint[]::new));
    }

    private static Map<TracePoint, String> steps() {
        Map<TracePoint, String> steps = new LinkedHashMap<>();
        steps.put(TracePoint.KMALLOC, "kmalloc");
        steps.put(TracePoint.KMEM_CACHE_ALLOC, "kmem_cache_alloc");
        steps.put(TracePoint.MM_PAGE_ALLOC, "requests for pages");
        steps.put(TracePoint.MM_PAGE_ALLOC_FAILED, "requests that failed");
        steps.put(TracePoint.ZONE_WATERMARK, "zones looked at");
        steps.put(TracePoint.PCP_TAKE, "taken from per-CPU lists");
        steps.put(TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED, "taken from free areas");
        steps.put(TracePoint.BUDDY_SPLIT, "splits");
        steps.put(TracePoint.BUDDY_MERGE, "merges");
        steps.put(TracePoint.MM_PAGE_ALLOC_EXTFRAG, "fallbacks to another type");
        steps.put(TracePoint.MM_VMSCAN_WAKEUP_KSWAPD, "slow path: kswapd called");
        steps.put(TracePoint.MM_VMSCAN_DIRECT_RECLAIM_BEGIN, "slow path: direct reclaim");
        steps.put(TracePoint.MM_COMPACTION_TRY_TO_COMPACT_PAGES, "slow path: compaction");
        steps.put(TracePoint.MARK_VICTIM, "slow path: OOM kills");
        return steps;
    }

    @Override
    public void event(TracePoint point, Header header, long[] values) {
        counts[point.ordinal()]++;
        switch (point) {
            case MM_PAGE_ALLOC -> {
                pages += 1L << values[1];
                most = Math.max(most, pages);
            }
            case MM_PAGE_FREE -> pages -= 1L << values[1];
            case KMALLOC, KMEM_CACHE_ALLOC -> taken(values[1], values[2], values[3]);
            case KFREE, KMEM_CACHE_FREE -> given(values[1]);
            case MM_PAGE_ALLOC_FAILED -> failed((int) values[0], (int) values[1], header.callSite());
            default -> {
                // counted, and no more
            }
        }
    }

    private void taken(long object, long asked, long takes) {
        if (object == 0) {
            return;
        }
        // an object that is no part of a slab has pages of its own
        PageFrames frames = machine.frames();
        boolean inSlab = (frames.flags(machine.layout().virtToPfn(object)) & SLAB) != 0;
        long[] sizes = {asked, takes, inSlab ? 0 : takes};
        count(sizes, 1);
        long[] before = objects.put(object, sizes);
        if (before != null) {
            // it was freed in a way that has no event
            count(before, -1);
        }
    }

    private void given(long object) {
        long[] sizes = objects.remove(object);
        if (sizes != null) {
            count(sizes, -1);
        }
    }

    private void count(long[] sizes, int sign) {
        requested += sign * sizes[0];
        allotted += sign * sizes[1];
        beside += sign * sizes[2];
    }

    private void failed(int order, int gfp, int callSite) {
        Failed failure = new Failed(
                order, machine.gfp().format(gfp), machine.trace().callSites().text(callSite), 1);
        int last = failures.size() - 1;
        if (last >= 0 && sameKind(failures.get(last), failure)) {
            failures.set(
                    last,
                    new Failed(
                            order,
                            failure.gfp(),
                            failure.site(),
                            failures.get(last).times() + 1));
        } else {
            failures.add(failure);
        }
    }

    private static boolean sameKind(Failed one, Failed other) {
        return one.order() == other.order()
                && one.gfp().equals(other.gfp())
                && one.site().equals(other.site());
    }

    @Override
    public void sample() {
        machine.locked(() -> {
            if (pages > peak.pages()) {
                peak = look(pages);
            }
            return null;
        });
    }

    @Override
    public WorkMeasure end() {
        return machine.locked(() -> {
            machine.trace().silence(this);
            Moment end = look(inUse());
            Map<String, Long> steps = new LinkedHashMap<>();
            STEPS.forEach((point, name) -> steps.put(name, counts[point.ordinal()]));
            return new WorkMeasure(most, start, end.pages() > peak.pages() ? end : peak, end, failures, steps);
        });
    }

    private Moment look(long used) {
        List<Fragmentation> zones = machine.pages().zones().stream()
                .filter(ZoneView::populated)
                .map(Fragmentation::of)
                .toList();
        long held = (slabPages() - slabPagesAtStart) * Profile.PAGE_SIZE + beside;
        return new Moment(used, objects.size(), requested, allotted, held, zones, cachePages());
    }

    private Map<String, Long> cachePages() {
        Map<String, Long> byCache = new LinkedHashMap<>();
        for (SlabCacheView cache : machine.objects().caches()) {
            long taken = cache.slabs() * cache.pagesPerSlab();
            if (taken > 0) {
                byCache.merge(cache.name(), taken, Long::sum);
            }
        }
        return byCache;
    }

    private long inUse() {
        long used = 0;
        for (ZoneView zone : machine.pages().zones()) {
            long onLists = zone.pageSets().stream()
                    .flatMap(set -> set.lists().stream())
                    .mapToLong(ZoneView.PerCpuList::count)
                    .sum();
            used += zone.managed() - zone.free() - onLists;
        }
        return used;
    }

    private long slabPages() {
        PageFrames frames = machine.frames();
        long count = 0;
        for (int pfn = frames.firstPfn(); pfn < frames.endPfn(); pfn++) {
            if ((frames.flags(pfn) & SLAB) != 0) {
                count++;
            }
        }
        return count;
    }
}

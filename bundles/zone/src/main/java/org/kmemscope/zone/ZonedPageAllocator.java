package org.kmemscope.zone;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.Reclaimer;
import org.kmemscope.api.page.ZoneControl;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.AllocFailure;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.api.zone.FreeAreaProvider;

/**
 * The zoned page allocator.
 *
 * <p>The way of a request:
 *
 * <ol>
 *   <li>The mask gives the highest zone it may use and its migrate type; the zonelist is that zone and the populated ones below.
 *   <li>Fast path: the first zone whose free pages stay above its low watermark and its reserve serves it: from the CPU's lists, else
 *       from the free areas.
 *   <li>Slow path: the same with the min watermark, less what the mask is entitled to.
 *   <li>Nothing: the failure is logged, unless the mask forbids, and the request gets no page.
 * </ol>
 *
 * <p>A block that is handed out has a count of 1 and its order in {@code page->private}, also when it is no compound page, so that an
 * address in the middle of it can be led back to its first frame.
 *
 * <p>Source: {@code __alloc_pages}, {@code get_page_from_freelist}, {@code rmqueue}, {@code free_unref_page}; see
 * {@link ZoneRules} for what differs by era.
 */
final class ZonedPageAllocator implements PageAllocator {
    /** Zone modifiers but the movable one, whose bit moved between kernels. */
    private static final int ZONE_BITS = 0x7;

    private static final int MOVABLE_INDEX = ZONE_BITS + 1;
    final Ground ground;
    final PageFrames frames;
    final Zone[] zones;
    final ZoneRules rules;
    final Policy policy;
    final WatermarkCheck check;
    Reclaimer reclaimer = Reclaimer.NONE;
    final Watermarks watermarks;
    /** Zone indices to try, by the highest zone allowed. */
    final int[][] zonelists;

    final ZonelistWalk walk;
    final FreePath freePath;
    final ExecutionContext context;

    private final SlowPath slowPath;
    private final Reports reports;
    private final ZoneLevels levels;
    private final GfpTable gfpTable;
    private final Tracepoints trace;
    private final int[] highestZone = new int[2 * MOVABLE_INDEX];
    private final int movableBit;
    private final boolean alwaysZero;
    private String freeAreaName;
    private final VmEvents events = new VmEvents();
    private long totalPages;
    /** Serves requests while a cloned machine is put together; null at all other times. */
    private Adoption adoption;

    ZonedPageAllocator(Ground ground, Zone[] zones, ZoneRules rules, String freeAreaName) {
        this.ground = ground;
        this.frames = ground.frames();
        this.zones = zones;
        this.rules = rules;
        this.freeAreaName = freeAreaName;
        gfpTable = ground.gfp();
        context = ground.context();
        trace = ground.trace();
        policy = rules.policy(gfpTable);
        check = rules.watermarkCheck();
        walk = new ZonelistWalk(this);
        slowPath = rules.slowPath(this);
        reports = new Reports(this);
        freePath = new FreePath(this, reports);
        levels = new ZoneLevels(this);
        watermarks = new Watermarks(zones, rules, ground.profile().cpus());
        alwaysZero = ground.profile().kernel().config().is("INIT_ON_ALLOC_DEFAULT_ON");
        zonelists = zonelists(zones);
        movableBit = gfpTable.of(Gfp.__GFP_MOVABLE);
        for (int bits = 0; bits <= ZONE_BITS; bits++) {
            highestZone[bits] = indexOf(gfpTable.zone(bits));
            highestZone[bits + MOVABLE_INDEX] = indexOf(gfpTable.zone(bits | movableBit));
        }
    }

    private static int[][] zonelists(Zone[] zones) {
        int[][] lists = new int[zones.length][];
        for (int highest = 0; highest < zones.length; highest++) {
            List<Integer> list = new ArrayList<>();
            for (int zone = highest; zone >= 0; zone--) {
                if (zones[zone].populated()) {
                    list.add(zone);
                }
            }
            lists[highest] = list.stream().mapToInt(Integer::intValue).toArray();
        }
        return lists;
    }

    private int indexOf(ZoneType type) {
        for (Zone zone : zones) {
            if (zone.type == type) {
                return zone.index;
            }
        }
        return 0;
    }

    int highestZone(int gfp) {
        return highestZone[(gfp & ZONE_BITS) + ((gfp & movableBit) != 0 ? MOVABLE_INDEX : 0)];
    }

    // ---- allocation

    @Override
    public int allocPages(int gfp, int order) {
        if (order < 0 || order >= rules.maxOrder()) {
            reports.tooLarge(gfp, order);
            return NONE;
        }
        if ((gfp & policy.wait) != 0) {
            context.mightSleep("mm/page_alloc.c");
        }
        if ((gfp & policy.noFail) != 0) {
            reports.noFail(order);
        }
        int highest = highestZone(gfp);
        int type = gfpTable.migrateType(gfp);
        int pfn = adoption == null
                ? walk.take(order, highest, type, policy.fast(gfp, type))
                : adoption.take(zonelists[highest], order);
        if (pfn == NONE) {
            pfn = slowly(gfp, order, highest, type);
        }
        if (pfn == NONE) {
            failed(gfp, order);
            return NONE;
        }
        prepare(pfn, order, gfp);
        if (trace.on(TracePoint.MM_PAGE_ALLOC)) {
            trace.fire(TracePoint.MM_PAGE_ALLOC, pfn, order, type, gfp);
        }
        return pfn;
    }

    private int slowly(int gfp, int order, int highest, int type) {
        try {
            return slowPath.serve(gfp, order, highest, type);
        } catch (KernelException e) {
            ended(gfp, order);
            throw e;
        }
    }

    /** {@code prep_new_page()}. */
    private void prepare(int pfn, int order, int gfp) {
        frames.setCount(pfn, 1);
        frames.setPrivateData(pfn, order);
        frames.setOwner(pfn, context.callSite());
        if ((gfp & policy.reclaimable) != 0) {
            for (int page = pfn; page < pfn + (1 << order); page++) {
                frames.set(page, PageFlag.RECLAIMABLE);
            }
        }
        if (order > 0 && (gfp & policy.comp) != 0) {
            frames.setFlags(pfn, frames.flags(pfn) | PageFlag.HEAD.bit());
            for (int tail = pfn + 1; tail < pfn + (1 << order); tail++) {
                frames.setFlags(tail, frames.flags(tail) | PageFlag.TAIL.bit());
                frames.setPrivateData(tail, pfn);
            }
        }
        if (alwaysZero || (gfp & policy.zero) != 0) {
            ground.ram().fill((long) pfn << Profile.PAGE_SHIFT, (long) Profile.PAGE_SIZE << order, 0);
        }
    }

    private void failed(int gfp, int order) {
        if ((gfp & policy.noWarn) == 0) {
            reports.allocationFailure(gfp, order);
        }
        ended(gfp, order);
    }

    private void ended(int gfp, int order) {
        if (trace.on(TracePoint.MM_PAGE_ALLOC_FAILED)) {
            trace.fire(TracePoint.MM_PAGE_ALLOC_FAILED, order, gfp);
        }
    }

    @Override
    public AllocFailure explain(int gfp, int order) {
        return new FailureReport(this).explain(gfp, order);
    }

    // ---- freeing

    @Override
    public void freePages(int pfn, int order) {
        if (adoption == null) {
            freePath.freePages(pfn, order);
        } else {
            adoption.giveBack(pfn, order);
        }
    }

    @Override
    public void splitPage(int pfn, int order) {
        freePath.splitPage(pfn, order);
    }

    @Override
    public void freeCold(int pfn) {
        freePath.freeCold(pfn);
    }

    @Override
    public void drainAllPages() {
        long before = trace.on(TracePoint.DRAIN_ALL_PAGES) ? freePageCount() : 0;
        for (Zone zone : zones) {
            for (int cpu = 0; cpu < zone.freeDiff.length; cpu++) {
                zone.perCpu.drain(cpu);
            }
        }
        if (trace.on(TracePoint.DRAIN_ALL_PAGES)) {
            trace.fire(TracePoint.DRAIN_ALL_PAGES, freePageCount() - before);
        }
    }

    /** {@code drain_pages()} of this CPU. */
    void drainLocalPages() {
        for (Zone zone : zones) {
            zone.perCpu.drain(context.cpu());
        }
    }

    // ---- boot

    /** Gives frames to the allocator for the first time; they count as managed from now on. */
    void release(int startPfn, int endPfn) {
        BootRelease.release(this, startPfn, endPfn);
        totalPages += endPfn - startPfn;
    }

    @Override
    public void freeReserved(int startPfn, int endPfn) {
        for (int pfn = startPfn; pfn < endPfn; pfn++) {
            if (!frames.is(pfn, PageFlag.RESERVED)) {
                throw new IllegalArgumentException(
                        String.format("pfn 0x%x is not reserved, so it cannot be given back", pfn));
            }
            frames.setFlags(pfn, frames.flags(pfn) & ~PageFlag.RESERVED.bit());
            frames.setCount(pfn, 0);
            zones[frames.zone(pfn)].managed += rules.adjustsManaged() ? 1 : 0;
            totalPages++;
            freePath.freeBlock(pfn, 0, false);
        }
    }

    @Override
    public void addCma(int startPfn, int endPfn) {
        ContiguousAreas.add(this, startPfn, endPfn);
        totalPages += endPfn - startPfn;
        // areas are added before the watermarks are computed for the first time (core_initcall, postcore_initcall)
        watermarks.initialise(totalPages, frames.pageblockOrder());
    }

    @Override
    public int allocContiguous(int startPfn, int endPfn, int pages, int alignOrder) {
        return adoption == null
                ? ContiguousAreas.take(this, startPfn, endPfn, pages, alignOrder)
                : adoption.takeRange(startPfn, endPfn, pages, alignOrder);
    }

    @Override
    public void freeContiguous(int pfn, int pages) {
        ContiguousAreas.give(this, pfn, pages);
    }

    // ---- looking

    @Override
    public String name() {
        return ZoneProvider.NAME;
    }

    @Override
    public String freeAreaName() {
        return freeAreaName;
    }

    @Override
    public long useFreeAreas(FreeAreaProvider successor) {
        long moved = new FreeAreaExchange(this).moveTo(successor::create);
        freeAreaName = successor.name();
        return moved;
    }

    @Override
    public long parkFreeAreas() {
        long parked = new FreeAreaExchange(this).moveTo(ParkedFreeAreas::new);
        freeAreaName = ParkedFreeAreas.NAME;
        return parked;
    }

    @Override
    public void setReclaimer(Reclaimer newReclaimer) {
        reclaimer = newReclaimer;
    }

    @Override
    public ZoneControl control() {
        return levels;
    }

    @Override
    public void showMem(int gfp) {
        reports.showMem(highestZone(gfp));
    }

    @Override
    public void warnAlloc(int gfp, String what, List<String> functions) {
        if ((gfp & policy.noWarn) == 0) {
            reports.warnAlloc(gfp, what, functions);
        }
    }

    @Override
    public void dumpStack(List<String> functions) {
        reports.dumpStack(functions);
    }

    @Override
    public int zoneCount() {
        return zones.length;
    }

    @Override
    public int maxOrder() {
        return rules.maxOrder();
    }

    @Override
    public long freePageCount() {
        long free = 0;
        for (Zone zone : zones) {
            free += zone.exactFree();
        }
        return free;
    }

    @Override
    public long totalPages() {
        return totalPages;
    }

    @Override
    public ZoneType zoneType(int zone) {
        return zones[zone].type;
    }

    @Override
    public List<ZoneView> zones() {
        return new ZoneViews(this).all();
    }

    VmEvents events() {
        return events;
    }

    @Override
    public List<Tunable> tunables() {
        return rules.tunables().list();
    }

    @Override
    public void setTunable(String name, String value) {
        rules.tunables().set(name, value);
        watermarks.tunableWritten(name);
    }

    @Override
    public void adopting(boolean on) {
        adoption = on ? new Adoption(this) : null;
    }

    @Override
    public PageState state() {
        return new StateCapture(this).state();
    }

    @Override
    public PageState counters() {
        return new StateCapture(this).counters();
    }

    @Override
    public void load(PageState state) {
        new StateCapture(this).load(state);
        totalPages = Arrays.stream(zones).mapToLong(zone -> zone.managed).sum();
    }

    @Override
    public void verify(Verification report) {
        for (Zone zone : zones) {
            if (!zone.populated()) {
                continue;
            }
            zone.areas.verify(report);
            zone.perCpu.verify(report);
            long inLists = 0;
            for (int order = 0; order < rules.maxOrder(); order++) {
                inLists += (long) zone.areas.count(order) << order;
            }
            report.check(
                    inLists == zone.exactFree(),
                    "zone %s counts %d free pages, its free lists hold %d",
                    zone.type.label(),
                    zone.exactFree(),
                    inLists);
        }
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        new PageFacts(this).describe(virt, facts);
    }

    @Override
    public void describePage(int pfn, List<AddressFact> facts) {
        new PageFacts(this).describe(pfn, facts);
    }

    @Override
    public void save(StateWriter out) {
        rules.tunables().save(out);
        out.putLong(totalPages);
        events.save(out);
        reports.save(out);
        for (Zone zone : zones) {
            zone.save(out);
        }
    }

    @Override
    public void restore(StateReader in) {
        rules.tunables().restore(in);
        totalPages = in.getLong();
        events.restore(in);
        reports.restore(in);
        for (Zone zone : zones) {
            zone.restore(in);
        }
    }
}

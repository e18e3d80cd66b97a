package org.kmemscope.zone;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.error.KernelHang;
import org.kmemscope.api.error.TaskKilled;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.Reclaimer;
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

    private final SlowPath slowPath;
    private final FreePath freePath;
    private final GfpTable gfpTable;
    private final ExecutionContext context;
    private final Tracepoints trace;
    private final int[] highestZone = new int[2 * MOVABLE_INDEX];
    private final int movableBit;
    private final boolean alwaysZero;
    private final String freeAreaName;
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
        policy = rules.modern()
                ? new Policy.Modern(gfpTable, rules.movableType())
                : new Policy.Classic(gfpTable, rules.movableType());
        check = rules.watermarkCheck();
        slowPath = rules.modern() ? new SlowPath.Modern(this) : new SlowPath.Classic(this);
        freePath = new FreePath(this);
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
            return tooLarge(gfp, order);
        }
        if ((gfp & policy.wait) != 0) {
            context.mightSleep("mm/page_alloc.c");
        }
        int highest = highestZone(gfp);
        int type = gfpTable.migrateType(gfp);
        int pfn = adoption == null
                ? fromZonelist(order, highest, type, policy.fast(gfp, type))
                : adoption.take(zonelists[highest], order);
        if (pfn == NONE) {
            pfn = slowPath.serve(gfp, order, highest, type);
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

    /** {@code PF_MEMALLOC}, outside of interrupts. */
    boolean isMemalloc() {
        return context.isMemalloc() && !context.inInterrupt();
    }

    /** {@code out_of_memory()}: another task gives way, or the one that asks. */
    void killFor(int gfp, int order) {
        if (reclaimer.outOfMemory(gfp, order) == Reclaimer.Kill.CALLER) {
            throw new TaskKilled(
                    "Out of memory: Killed process " + context.pid() + " (" + context.comm() + "), which asked for "
                            + (1 << order) + (order == 0 ? " page with " : " pages with ") + gfpTable.names(gfp));
        }
    }

    /** {@code get_page_from_freelist()}. */
    int fromZonelist(int order, int highest, int type, int flags) {
        int[] list = zonelists[highest];
        for (int i = 0; i < list.length; i++) {
            Zone zone = zones[list[i]];
            if ((flags & AllocFlags.NO_WATERMARKS) == 0) {
                boolean ok = check.fast(zone, order, highest, flags);
                if (trace.on(TracePoint.ZONE_WATERMARK)) {
                    traceWatermark(zone, order, highest, flags, ok);
                }
                if (!ok) {
                    continue;
                }
            }
            int pfn = fromZone(zone, order, type, flags);
            if (pfn != NONE) {
                if (order > 0 && (flags & AllocFlags.HIGHATOMIC) != 0) {
                    reserveHighatomic(zone, pfn);
                }
                events.allocated(zone.index, order);
                return pfn;
            }
        }
        return NONE;
    }

    private void traceWatermark(Zone zone, int order, int highest, int flags, boolean ok) {
        trace.fire(
                TracePoint.ZONE_WATERMARK,
                zone.index,
                order,
                check.usable(zone, order, flags),
                check.reduced(zone.mark(flags), flags),
                zone.reserve[highest],
                flags,
                ok ? 1 : 0,
                0);
    }

    /** {@code rmqueue()}. */
    private int fromZone(Zone zone, int order, int type, int flags) {
        zone.requestFlags = flags;
        int pfn = NONE;
        if (zone.perCpu.holds(order)) {
            pfn = zone.perCpu.take(context.cpu(), order, type, flags);
            if (pfn != NONE && trace.on(TracePoint.PCP_TAKE)) {
                trace.fire(TracePoint.PCP_TAKE, pfn, order, type, zone.perCpu.count(context.cpu()));
            }
        }
        if (pfn == NONE) {
            pfn = fromFreeAreas(zone, order, type, flags);
        }
        if ((flags & AllocFlags.KSWAPD) != 0 && zone.boosted) {
            zone.boosted = false;
            reclaimer.wakeKswapd(zone.index, 0, zone.index);
        }
        return pfn;
    }

    /** {@code rmqueue_buddy()}. */
    private int fromFreeAreas(Zone zone, int order, int type, int flags) {
        int pfn = NONE;
        if ((flags & AllocFlags.HIGHATOMIC) != 0) {
            pfn = zone.areas.takeOfType(order, rules.highatomicType());
        }
        if (pfn == NONE) {
            pfn = zone.areas.take(order, type, (flags & AllocFlags.CMA) != 0);
        }
        if (pfn == NONE && rules.highatomicType() >= 0 && (flags & (AllocFlags.OOM | AllocFlags.NON_BLOCK)) != 0) {
            pfn = zone.areas.takeOfType(order, rules.highatomicType());
        }
        if (pfn != NONE) {
            if (trace.on(TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED)) {
                trace.fire(TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED, pfn, order, type, 0);
            }
            zone.addFree(context.cpu(), -(1 << order), frames.privateData(pfn));
        }
        return pfn;
    }

    /** {@code reserve_highatomic_pageblock()}: keeps the pageblock for such requests, up to a hundredth of the zone. */
    private void reserveHighatomic(Zone zone, int pfn) {
        int block = 1 << frames.pageblockOrder();
        if (zone.highatomic >= zone.managed / 100 + block) {
            return;
        }
        if (frames.blockType(pfn) < rules.highatomicType()) {
            zone.highatomic += block;
            frames.setBlockType(pfn, rules.highatomicType());
            zone.areas.moveBlock(pfn, rules.highatomicType());
            if (trace.on(TracePoint.HIGHATOMIC_RESERVE)) {
                trace.fire(TracePoint.HIGHATOMIC_RESERVE, pfn, zone.highatomic);
            }
        }
    }

    /** {@code prep_new_page()}. */
    private void prepare(int pfn, int order, int gfp) {
        frames.setCount(pfn, 1);
        frames.setPrivateData(pfn, order);
        frames.setOwner(pfn, context.callSite());
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

    private int tooLarge(int gfp, int order) {
        if ((gfp & policy.noWarn) == 0) {
            ground.log()
                    .printk(
                            KernelLog.WARNING,
                            "WARNING: at mm/page_alloc.c: order " + order + " is above the largest, "
                                    + (rules.maxOrder() - 1));
        }
        return NONE;
    }

    private void failed(int gfp, int order) {
        if ((gfp & policy.noFail) != 0) {
            throw new KernelHang(context.comm() + " waits for ever for " + (1 << order)
                    + " pages with __GFP_NOFAIL, and nothing is left that could free some");
        }
        if ((gfp & policy.noWarn) == 0) {
            ground.log().printk(KernelLog.WARNING, FailureReport.headline(ground, rules, gfp, order));
        }
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
    public void drainAllPages() {
        for (Zone zone : zones) {
            for (int cpu = 0; cpu < zone.freeDiff.length; cpu++) {
                zone.perCpu.drain(cpu);
            }
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
            zones[frames.zone(pfn)].managed++;
            totalPages++;
            freePath.freeBlock(pfn, 0);
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
    public void setReclaimer(Reclaimer newReclaimer) {
        reclaimer = newReclaimer;
    }

    @Override
    public boolean isBalanced(int zone, int order, int highestZone) {
        return check.ok(zones[zone], order, zones[zone].high + zones[zone].boost, highestZone, 0);
    }

    @Override
    public void setReclaimActive(int zone, boolean active) {
        zones[zone].reclaimActive = active && rules.modern();
    }

    @Override
    public void endBoost(int zone) {
        zones[zone].boost = 0;
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
        if (name.equals("lowmem_reserve_ratio")) {
            watermarks.updateReserve();
        } else {
            watermarks.update();
        }
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
        for (Zone zone : zones) {
            zone.save(out);
        }
    }

    @Override
    public void restore(StateReader in) {
        rules.tunables().restore(in);
        totalPages = in.getLong();
        events.restore(in);
        for (Zone zone : zones) {
            zone.restore(in);
        }
    }
}

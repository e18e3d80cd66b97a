package org.kmemscope.zone;

import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;
import org.kmemscope.api.zone.FreeAreaHost;
import org.kmemscope.api.zone.FreeAreas;

/**
 * {@code struct zone}: its extent, its watermarks and its counters.
 *
 * <p>The counter of free pages is Linux's: each CPU gathers its changes in a difference of its own, which counts only when it
 * exceeds a threshold. Watermarks are compared with the counter alone, so a zone can be a few pages off the truth; that is the
 * kernel's behaviour and decides single requests at the edge.
 */
final class Zone implements FreeAreaHost, Stateful {
    final int index;
    final ZoneType type;
    final int startPfn;
    final int endPfn;
    final long spanned;
    final long present;
    /** Whether its pages have no address of their own; ZONE_MOVABLE is like the zone its pages come from. */
    final boolean highmem;

    final long[] reserve;
    final int[] freeDiff;
    final int[] cmaDiff;
    long managed;
    long min;
    long low;
    long high;
    long boost;
    boolean boosted;
    boolean reclaimActive;
    long highatomic;
    long free;
    /** How often a block came back. */
    long frees;

    int threshold;
    long cma;
    long cmaFree;
    FreeAreas areas;
    PerCpuLists perCpu;

    private final PageFrames frames;
    private final Tracepoints trace;
    private final ZoneRules rules;
    /** Flags of the request being served, for a boost on its behalf. */
    int requestFlags;

    boolean grouping = true;

    Zone(ZoneSpec spec, int cpus, int zones, PageFrames frames, Tracepoints trace, ZoneRules rules) {
        this.index = spec.index();
        this.type = spec.type();
        this.startPfn = spec.startPfn();
        this.spanned = spec.spanned();
        this.endPfn = startPfn + Math.toIntExact(spanned);
        this.present = spec.present();
        this.highmem = spec.highmem();
        this.frames = frames;
        this.trace = trace;
        this.rules = rules;
        reserve = new long[zones];
        freeDiff = new int[cpus];
        cmaDiff = new int[cpus];
    }

    boolean populated() {
        return present > 0;
    }

    /** {@code wmark_pages()}: a watermark with its boost. */
    long mark(int allocFlags) {
        long mark =
                switch (allocFlags & AllocFlags.WMARK_MASK) {
                    case AllocFlags.WMARK_MIN -> min;
                    case AllocFlags.WMARK_LOW -> low;
                    default -> high;
                };
        return mark + boost;
    }

    // ---- counters

    /** {@code __mod_zone_freepage_state()}. */
    void addFree(int cpu, int pages, int migratetype) {
        frees += pages > 0 ? 1 : 0;
        int sum = freeDiff[cpu] + pages;
        if (sum > threshold || sum < -threshold) {
            free += sum;
            sum = 0;
        }
        freeDiff[cpu] = sum;
        if (migratetype == rules.cmaType() && migratetype >= 0) {
            addCma(cpu, pages);
        }
    }

    void addCma(int cpu, int pages) {
        int sum = cmaDiff[cpu] + pages;
        if (sum > threshold || sum < -threshold) {
            cmaFree += sum;
            sum = 0;
        }
        cmaDiff[cpu] = sum;
    }

    /** {@code zone_page_state_snapshot()}: the free pages there really are. */
    long exactFree() {
        long exact = free;
        for (int diff : freeDiff) {
            exact += diff;
        }
        return exact;
    }

    long exactCmaFree() {
        long exact = cmaFree;
        for (int diff : cmaDiff) {
            exact += diff;
        }
        return exact;
    }

    // ---- what the free areas ask

    @Override
    public int zoneIndex() {
        return index;
    }

    @Override
    public int startPfn() {
        return startPfn;
    }

    @Override
    public int endPfn() {
        return endPfn;
    }

    @Override
    public boolean mobilityGroupingDisabled() {
        return !grouping;
    }

    @Override
    public boolean cmaFirst() {
        return cmaFree > free / 2;
    }

    /** {@code boost_watermark()} (5.0 and later): not where four pageblocks are more than the zone. */
    @Override
    public void boostWatermark() {
        long block = 1L << frames.pageblockOrder();
        long factor = rules.boostFactor();
        if (factor == 0 || block * 4 > managed) {
            return;
        }
        long most = high * factor / 10000;
        if (most == 0) {
            return;
        }
        boost = Math.min(boost + block, Math.max(block, most));
        if ((requestFlags & AllocFlags.KSWAPD) != 0) {
            boosted = true;
        }
    }

    @Override
    public void fellBack(int pfn, int order, int fallbackOrder, int migratetype, int fallbackType, boolean claimed) {
        if (trace.on(TracePoint.MM_PAGE_ALLOC_EXTFRAG)) {
            int blockOrder = frames.pageblockOrder();
            trace.fire(
                    TracePoint.MM_PAGE_ALLOC_EXTFRAG,
                    pfn,
                    order,
                    fallbackOrder,
                    blockOrder,
                    migratetype,
                    fallbackType,
                    fallbackOrder < blockOrder ? 1 : 0,
                    claimed ? 1 : 0);
        }
    }

    // ---- state

    @Override
    public void save(StateWriter out) {
        out.putLongs(new long[] {managed, min, low, high, boost, highatomic, free, cma, cmaFree, threshold, frees});
        out.putLongs(reserve);
        out.putInts(freeDiff);
        out.putInts(cmaDiff);
        out.putBoolean(boosted);
        out.putBoolean(reclaimActive);
        out.putBoolean(grouping);
        areas.save(out);
        perCpu.save(out);
    }

    @Override
    public void restore(StateReader in) {
        long[] values = in.getLongs();
        managed = values[0];
        min = values[1];
        low = values[2];
        high = values[3];
        boost = values[4];
        highatomic = values[5];
        free = values[6];
        cma = values[7];
        cmaFree = values[8];
        threshold = (int) values[9];
        frees = values[10];
        System.arraycopy(in.getLongs(), 0, reserve, 0, reserve.length);
        System.arraycopy(in.getInts(), 0, freeDiff, 0, freeDiff.length);
        System.arraycopy(in.getInts(), 0, cmaDiff, 0, cmaDiff.length);
        boosted = in.getBoolean();
        reclaimActive = in.getBoolean();
        grouping = in.getBoolean();
        areas.restore(in);
        perCpu.restore(in);
    }
}

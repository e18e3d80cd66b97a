package org.kmemscope.zone;

import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;

/** What the per-CPU lists of the kernels before 5.14 share: they hold single pages only, high is six batches. */
abstract class OrderZeroLists implements PerCpuLists {
    /** {@code PAGE_SHIFT * 8}: largest batch that a fraction gives. */
    private static final int MOST_OF_FRACTION = 96;

    final Zone zone;
    final PageFrames frames;
    final PageList[] lists;
    /** Pages by CPU and set of lists. */
    final int[][] count;

    private final Tracepoints trace;
    private final ZoneRules rules;
    private final int listsPerCpu;
    /** Batch by the size of the zone; 0 for a small zone, whose lists then hold nothing. */
    int sized;
    /** Where the lists are drained. */
    int high;
    /** Pages moved at a time. */
    int batch;

    OrderZeroLists(
            Zone zone, PageFrames frames, Tracepoints trace, ZoneRules rules, int cpus, int listsPerCpu, int sets) {
        this.zone = zone;
        this.frames = frames;
        this.trace = trace;
        this.rules = rules;
        this.listsPerCpu = listsPerCpu;
        lists = new PageList[cpus];
        count = new int[cpus][sets];
        for (int cpu = 0; cpu < cpus; cpu++) {
            lists[cpu] = new PageList(frames, listsPerCpu);
        }
    }

    @Override
    public boolean holds(int order) {
        return order == 0;
    }

    @Override
    public int orderOf(int list) {
        return 0;
    }

    /** {@code rmqueue_bulk()}: takes pages from the free areas and appends them, in the order in which they were taken. */
    int refill(int cpu, int list, int migratetype, int pages) {
        int taken = 0;
        while (taken < pages) {
            int pfn = zone.areas.take(0, migratetype, migratetype == rules.movableType());
            if (pfn == NONE) {
                break;
            }
            if (trace.on(TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED)) {
                trace.fire(TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED, pfn, 0, migratetype, 1);
            }
            int type = frames.privateData(pfn);
            lists[cpu].addLast(list, pfn, migratetype);
            if (type == rules.cmaType() && type >= 0) {
                zone.addCma(cpu, -1);
            }
            taken++;
        }
        zone.addFree(cpu, -taken, -1);
        return taken;
    }

    /** Gives the last page of a list back to the free areas. */
    void freeLast(int cpu, int list) {
        int pfn = lists[cpu].last(list);
        int type = frames.privateData(pfn);
        lists[cpu].remove(list, pfn);
        if (trace.on(TracePoint.MM_PAGE_PCPU_DRAIN)) {
            trace.fire(TracePoint.MM_PAGE_PCPU_DRAIN, pfn, 0, type);
        }
        zone.addFree(cpu, 1, type);
        zone.areas.put(pfn, 0, type);
    }

    /**
     * {@code zone_batchsize()}: about a thousandth of the zone, at most half a megabyte, a power of two less one; high is six of them. With
     * {@code percpu_pagelist_fraction}, high is that part of the zone and a batch a quarter of it, at most 96 pages.
     */
    @Override
    public void resize() {
        long b = Math.min(rules.pages(zone) / 1024, 128) / 4;
        b = Math.max(b, 1);
        sized = (int) (Long.highestOneBit(b + b / 2) - 1);
        high = 6 * sized;
        batch = Math.max(1, sized);
        long fraction = rules.tunables().pagelistFraction();
        if (fraction > 0) {
            high = (int) (rules.pages(zone) / fraction);
            batch = Math.max(1, Math.min(high / 4, MOST_OF_FRACTION));
        }
    }

    @Override
    public int listCount() {
        return listsPerCpu;
    }

    @Override
    public int count(int cpu) {
        return Arrays.stream(count[cpu]).sum();
    }

    @Override
    public PageState.PerCpu counters(int cpu) {
        return new PageState.PerCpu(count(cpu), high, batch, 0, List.of());
    }

    @Override
    public List<PageState.PcpList> contents(int cpu) {
        return lists[cpu].contents();
    }

    @Override
    public void load(int cpu, PageState.PerCpu state) {
        Arrays.fill(count[cpu], 0);
        for (PageState.PcpList list : state.lists()) {
            for (int i = 0; i < list.pfns().length; i++) {
                lists[cpu].addLast(list.index(), list.pfns()[i], list.types()[i]);
                count[cpu][count[cpu].length > 1 ? list.index() : 0]++;
            }
        }
    }

    @Override
    public void verify(Verification report) {
        for (int cpu = 0; cpu < lists.length; cpu++) {
            int pages = 0;
            for (int list = 0; list < listsPerCpu; list++) {
                for (int pfn : lists[cpu].pfns(list)) {
                    report.claim(pfn, 1, "on a per-CPU list");
                    pages++;
                }
            }
            report.check(
                    pages == count(cpu),
                    "zone %d: cpu %d counts %d pages on its lists, they hold %d",
                    zone.index,
                    cpu,
                    count(cpu),
                    pages);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {sized, high, batch});
        for (int cpu = 0; cpu < lists.length; cpu++) {
            out.putInts(count[cpu]);
            lists[cpu].save(out);
        }
    }

    @Override
    public void restore(StateReader in) {
        int[] sizes = in.getInts();
        sized = sizes[0];
        high = sizes[1];
        batch = sizes[2];
        for (int cpu = 0; cpu < lists.length; cpu++) {
            System.arraycopy(in.getInts(), 0, count[cpu], 0, count[cpu].length);
            lists[cpu].restore(in);
        }
    }
}

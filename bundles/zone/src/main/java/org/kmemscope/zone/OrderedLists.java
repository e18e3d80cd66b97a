package org.kmemscope.zone;

import java.util.List;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;
import org.kmemscope.api.view.ZoneView;

/**
 * The per-CPU lists of 5.14 to 6.6: one list for each order up to 3 and each ordinary migrate type, and two more for transparent huge
 * pages (movable, and not).
 *
 * <pre>
 *   list = 3 * order + type     for orders 0 to 3
 *   list = 12 + (type movable)  for pageblock_order, where huge pages are built in
 * </pre>
 *
 * <ol>
 *   <li>Taking halves {@code free_factor}, then takes the head. An empty list is refilled first: {@code batch} blocks (if batch
 *       exceeds 1, {@code batch >> order} but at least 2), each appended at the tail.
 *   <li>Freeing puts the block at the head of the list of its pageblock's type; types without a list use the movable one and keep
 *       their own type. When count reaches high, blocks are freed from the tails, first of the list just used, then round robin.
 *   <li>How many: everything if orders 1 to 3 are freed and nothing was taken since ({@code free_factor}); else {@code batch}, doubled
 *       for each time in a row that it was not enough.
 * </ol>
 *
 * <p>Source: {@code rmqueue_pcplist}, {@code free_unref_page_commit}, {@code nr_pcp_free}, {@code free_pcppages_bulk} of 6.1, checked
 * against vectors of real kernels.
 */
final class OrderedLists implements PerCpuLists {
    private static final int COSTLY_ORDER = 3;
    private static final int LOW_ORDER_LISTS = MigrateTypes.PCPTYPES * (COSTLY_ORDER + 1);
    /** {@code CONFIG_PCP_BATCH_SCALE_MAX}. */
    private static final int MAX_FREE_FACTOR = 5;

    private final Zone zone;
    private final PageFrames frames;
    private final Tracepoints trace;
    private final ZoneRules rules;
    private final int movable;
    private final int hugeOrder;
    private final int cpus;
    private final boolean cma;
    private final PageList[] lists;
    private final int[] count;
    private final int[] freeFactor;
    private int high;
    private int batch;

    OrderedLists(Zone zone, PageFrames frames, Tracepoints trace, ZoneRules rules, int cpus) {
        this.zone = zone;
        this.frames = frames;
        this.trace = trace;
        this.rules = rules;
        this.movable = rules.movableType();
        this.hugeOrder = rules.hugePages() ? frames.pageblockOrder() : -1;
        this.cpus = cpus;
        this.cma = rules.cmaType() >= 0;
        lists = new PageList[cpus];
        for (int cpu = 0; cpu < cpus; cpu++) {
            lists[cpu] = new PageList(frames, LOW_ORDER_LISTS + (hugeOrder >= 0 ? 2 : 0));
        }
        count = new int[cpus];
        freeFactor = new int[cpus];
        high = 0;
        batch = 1;
    }

    @Override
    public boolean holds(int order) {
        return order <= COSTLY_ORDER || order == hugeOrder;
    }

    private int list(int order, int migratetype) {
        return order <= COSTLY_ORDER
                ? MigrateTypes.PCPTYPES * order + migratetype
                : LOW_ORDER_LISTS + (migratetype == movable ? 1 : 0);
    }

    @Override
    public int listCount() {
        return lists[0].lists();
    }

    @Override
    public int orderOf(int list) {
        return list < LOW_ORDER_LISTS ? list / MigrateTypes.PCPTYPES : hugeOrder;
    }

    @Override
    public int take(int cpu, int order, int migratetype, int allocFlags) {
        // a movable request without a right to CMA pages must not find one on the movable list
        if (cma && migratetype == movable && (allocFlags & AllocFlags.CMA) == 0) {
            return NONE;
        }
        freeFactor[cpu] >>= 1;
        PageList mine = lists[cpu];
        int list = list(order, migratetype);
        if (mine.isEmpty(list)) {
            refill(cpu, list, order, migratetype, (allocFlags & AllocFlags.CMA) != 0);
            if (mine.isEmpty(list)) {
                return NONE;
            }
        }
        int pfn = mine.first(list);
        mine.remove(list, pfn);
        count[cpu] -= 1 << order;
        return pfn;
    }

    private void refill(int cpu, int list, int order, int migratetype, boolean mayCma) {
        int blocks = batch > 1 ? Math.max(batch >> order, 2) : batch;
        int taken = 0;
        while (taken < blocks) {
            int pfn = zone.areas.take(order, migratetype, mayCma);
            if (pfn == NONE) {
                break;
            }
            int type = frames.privateData(pfn);
            if (trace.on(TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED)) {
                trace.fire(TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED, pfn, order, migratetype, 1);
            }
            lists[cpu].addLast(list, pfn, type);
            if (cma && type != migratetype) {
                zone.addCma(cpu, -(1 << order));
            }
            taken++;
        }
        // the counter of free pages is lowered once for all of them, which the watermark checks of other requests can
        // see
        zone.addFree(cpu, -(taken << order), -1);
        count[cpu] += taken << order;
    }

    @Override
    public void put(int cpu, int pfn, int order, boolean cold) {
        int type = frames.blockType(pfn);
        int list = list(order, type < MigrateTypes.PCPTYPES ? type : movable);
        lists[cpu].addFirst(list, pfn, type);
        count[cpu] += 1 << order;
        boolean everything = freeFactor[cpu] != 0 && order > 0 && order <= COSTLY_ORDER;
        int limit = limit(everything);
        if (count[cpu] >= limit) {
            free(cpu, toFree(cpu, limit, everything), list);
        }
    }

    /** {@code nr_pcp_high()}. */
    private int limit(boolean everything) {
        if (high == 0 || everything) {
            return 0;
        }
        return zone.reclaimActive ? Math.min(batch << 2, high) : high;
    }

    /** {@code nr_pcp_free()}. */
    private int toFree(int cpu, int limit, boolean everything) {
        if (everything) {
            return count[cpu];
        }
        if (limit < batch) {
            return 1;
        }
        int most = limit - batch;
        int number = batch << freeFactor[cpu];
        if (number < most && freeFactor[cpu] < MAX_FREE_FACTOR) {
            freeFactor[cpu]++;
        }
        return Math.max(batch, Math.min(number, most));
    }

    /** {@code free_pcppages_bulk()}: starts with the list just used, and passes over ends of the row that are empty. */
    private void free(int cpu, int number, int startList) {
        PageList mine = lists[cpu];
        int left = Math.min(count[cpu], number);
        int lowest = 0;
        int highest = mine.lists() - 1;
        int list = startList - 1;
        while (left > 0) {
            while (true) {
                list = list + 1 > highest ? lowest : list + 1;
                if (!mine.isEmpty(list)) {
                    break;
                }
                if (list == highest) {
                    highest--;
                }
                if (list == lowest) {
                    lowest++;
                }
            }
            int order = orderOf(list);
            do {
                int pfn = mine.last(list);
                int type = frames.privateData(pfn);
                mine.remove(list, pfn);
                left -= 1 << order;
                count[cpu] -= 1 << order;
                if (trace.on(TracePoint.MM_PAGE_PCPU_DRAIN)) {
                    trace.fire(TracePoint.MM_PAGE_PCPU_DRAIN, pfn, order, type);
                }
                zone.addFree(cpu, 1 << order, type);
                zone.areas.put(pfn, order, type);
            } while (left > 0 && !mine.isEmpty(list));
        }
    }

    @Override
    public void drain(int cpu) {
        if (count[cpu] > 0) {
            free(cpu, count[cpu], 0);
        }
    }

    /**
     * {@code zone_batchsize()} and {@code zone_highsize()}: high is the low watermark, or the part of the zone that {@code
     * percpu_pagelist_high_fraction} tells, shared by the CPUs.
     */
    @Override
    public void resize() {
        long b = Math.min(zone.managed >> 10, 256) / 4;
        b = Math.max(b, 1);
        batch = (int) Math.max(1, Long.highestOneBit(b + b / 2) - 1);
        long fraction = rules.tunables().pagelistFraction();
        long shared = (fraction > 0 ? zone.managed / fraction : zone.low + zone.boost) / cpus;
        high = (int) Math.max(shared, (long) batch << 2);
    }

    @Override
    public int count(int cpu) {
        return count[cpu];
    }

    @Override
    public ZoneView.PageSet view(int cpu) {
        return new ZoneView.PageSet(cpu, List.of(new ZoneView.PerCpuList(count[cpu], high, batch)));
    }

    @Override
    public PageState.PerCpu counters(int cpu) {
        return new PageState.PerCpu(count[cpu], high, batch, freeFactor[cpu], List.of());
    }

    @Override
    public List<PageState.PcpList> contents(int cpu) {
        return lists[cpu].contents();
    }

    @Override
    public void load(int cpu, PageState.PerCpu state) {
        high = state.high();
        batch = state.batch();
        count[cpu] = state.count();
        freeFactor[cpu] = state.freeFactor();
        for (PageState.PcpList list : state.lists()) {
            for (int i = 0; i < list.pfns().length; i++) {
                lists[cpu].addLast(list.index(), list.pfns()[i], list.types()[i]);
            }
        }
    }

    @Override
    public void verify(Verification report) {
        for (int cpu = 0; cpu < cpus; cpu++) {
            int pages = 0;
            for (int list = 0; list < lists[cpu].lists(); list++) {
                int order = orderOf(list);
                for (int pfn : lists[cpu].pfns(list)) {
                    report.claim(pfn, 1 << order, "on a per-CPU list");
                    pages += 1 << order;
                }
            }
            report.check(
                    pages == count[cpu],
                    "zone %d: cpu %d counts %d pages on its lists, they hold %d",
                    zone.index,
                    cpu,
                    count[cpu],
                    pages);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(high);
        out.putInt(batch);
        out.putInts(count);
        out.putInts(freeFactor);
        for (PageList mine : lists) {
            mine.save(out);
        }
    }

    @Override
    public void restore(StateReader in) {
        high = in.getInt();
        batch = in.getInt();
        System.arraycopy(in.getInts(), 0, count, 0, cpus);
        System.arraycopy(in.getInts(), 0, freeFactor, 0, cpus);
        for (PageList mine : lists) {
            mine.restore(in);
        }
    }
}

package org.kmemscope.zone;

import java.util.List;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.trace.Tracepoints;
import org.kmemscope.api.view.ZoneView;

/**
 * The per-CPU lists of 2.6.24 to 2.6.31: a list that mixes the migrate types and is searched for the wanted one. Up to 2.6.24 there
 * are two, for hot and for cold pages, the cold one a third as long; later cold pages sit at the tail of the single list.
 *
 * <ol>
 *   <li>Taking: the first page of the wanted type. If there is none, {@code batch} pages of it are appended, and the first page of the
 *       list is taken, whatever its type: that is the kernel's own quirk.
 *   <li>Freeing: to the head; when count reaches high, {@code batch} pages go back from the tail.
 * </ol>
 *
 * <p>Source: {@code buffered_rmqueue}, {@code free_hot_cold_page}, {@code setup_pageset} of 2.6.24.
 */
final class SearchedLists extends OrderZeroLists {
    private static final int HOT = 0;
    private final boolean coldList;

    SearchedLists(Zone zone, PageFrames frames, Tracepoints trace, ZoneRules rules, int cpus, boolean coldList) {
        super(zone, frames, trace, rules, cpus, coldList ? 2 : 1, coldList ? 2 : 1);
        this.coldList = coldList;
    }

    private int listFor(boolean cold) {
        return coldList && cold ? 1 : HOT;
    }

    private int high(int list) {
        return list == HOT ? high : 2 * sized;
    }

    private int batch(int list) {
        return list == HOT ? batch : Math.max(1, sized / 2);
    }

    @Override
    public int take(int cpu, int order, int migratetype, int allocFlags) {
        boolean cold = (allocFlags & AllocFlags.COLD) != 0;
        int list = listFor(cold);
        PageList mine = lists[cpu];
        if (mine.isEmpty(list)) {
            count[cpu][list] += refill(cpu, list, migratetype, batch(list));
            if (mine.isEmpty(list)) {
                return NONE;
            }
        }
        boolean fromTail = cold && !coldList;
        int pfn = fromTail ? mine.last(list) : mine.first(list);
        while (pfn != NONE && frames.privateData(pfn) != migratetype) {
            pfn = fromTail ? frames.prev(pfn) : mine.next(pfn);
        }
        if (pfn == NONE) {
            count[cpu][list] += refill(cpu, list, migratetype, batch(list));
            pfn = mine.first(list);
        }
        mine.remove(list, pfn);
        count[cpu][list]--;
        return pfn;
    }

    @Override
    public void put(int cpu, int pfn, int order, boolean cold) {
        int list = listFor(cold);
        int type = frames.blockType(pfn);
        if (cold && !coldList) {
            lists[cpu].addLast(list, pfn, type);
        } else {
            lists[cpu].addFirst(list, pfn, type);
        }
        count[cpu][list]++;
        if (count[cpu][list] >= high(list)) {
            drain(cpu, list, batch(list));
        }
    }

    private void drain(int cpu, int list, int pages) {
        for (int i = Math.min(pages, count[cpu][list]); i > 0; i--) {
            freeLast(cpu, list);
            count[cpu][list]--;
        }
    }

    @Override
    public void drain(int cpu) {
        for (int list = 0; list < count[cpu].length; list++) {
            drain(cpu, list, count[cpu][list]);
        }
    }

    @Override
    public ZoneView.PageSet view(int cpu) {
        ZoneView.PerCpuList hot = new ZoneView.PerCpuList(count[cpu][HOT], high(HOT), batch(HOT));
        return new ZoneView.PageSet(
                cpu, coldList ? List.of(hot, new ZoneView.PerCpuList(count[cpu][1], high(1), batch(1))) : List.of(hot));
    }
}

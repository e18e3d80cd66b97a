package org.kmemscope.zone;

import java.util.List;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.view.ZoneView;

/**
 * The per-CPU lists of a zone ({@code struct per_cpu_pageset}): pages held ready for each CPU, so that most requests need not touch
 * the free areas. How many lists there are, which orders they hold and how they are filled and drained differs by era.
 */
interface PerCpuLists extends Stateful {
    int NONE = PageList.NONE;

    /** Whether blocks of this order go through the lists. */
    boolean holds(int order);

    /**
     * Takes a block, refilling the list first if it is empty.
     *
     * @return pfn, or {@link #NONE} if the free areas had nothing
     */
    int take(int cpu, int order, int migratetype, int allocFlags);

    /** Puts a freed block on a list, and drains lists that grew too long. */
    void put(int cpu, int pfn, int order, boolean cold);

    /** Empties the lists of one CPU into the free areas ({@code drain_pages}). */
    void drain(int cpu);

    /** Number of lists of one CPU. */
    int listCount();

    /** Order of the blocks on a list. */
    int orderOf(int list);

    /** Computes high and batch again from the zone's size and watermarks. */
    void resize();

    /** Pages on the lists of one CPU. */
    int count(int cpu);

    /** High and batch, as {@code /proc/zoneinfo} shows them. */
    ZoneView.PageSet view(int cpu);

    /** The counters of one CPU, no lists. */
    PageState.PerCpu counters(int cpu);

    /** The lists of one CPU that are not empty. */
    List<PageState.PcpList> contents(int cpu);

    /** Counters and lists of one CPU. */
    default PageState.PerCpu state(int cpu) {
        PageState.PerCpu counters = counters(cpu);
        return new PageState.PerCpu(
                counters.count(), counters.high(), counters.batch(), counters.freeFactor(), contents(cpu));
    }

    void load(int cpu, PageState.PerCpu state);

    void verify(Verification report);
}

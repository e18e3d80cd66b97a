package org.kmemscope.zone;

import java.util.List;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.trace.Tracepoints;
import org.kmemscope.api.view.ZoneView;

/**
 * The per-CPU lists of 2.6.32 to 5.12: one list of single pages for each ordinary migrate type.
 *
 * <ol>
 *   <li>Taking: the head of the type's list, its tail for a cold page; an empty list is refilled with {@code batch} pages.
 *   <li>Freeing: to the head, to the tail if cold; when count reaches high, {@code batch} pages are drained from the tails, round robin,
 *       one more from a list for each empty list passed before it.
 * </ol>
 *
 * <p>Source: {@code buffered_rmqueue}, {@code free_hot_cold_page}, {@code free_pcppages_bulk} of 2.6.32.
 */
final class TypedLists extends OrderZeroLists {
    private final int movable;

    TypedLists(Zone zone, PageFrames frames, Tracepoints trace, ZoneRules rules, int cpus) {
        super(zone, frames, trace, rules, cpus, MigrateTypes.PCPTYPES, 1);
        this.movable = rules.movableType();
    }

    @Override
    public int take(int cpu, int order, int migratetype, int allocFlags) {
        PageList mine = lists[cpu];
        if (mine.isEmpty(migratetype)) {
            count[cpu][0] += refill(cpu, migratetype, migratetype, batch);
            if (mine.isEmpty(migratetype)) {
                return NONE;
            }
        }
        int pfn = (allocFlags & AllocFlags.COLD) != 0 ? mine.last(migratetype) : mine.first(migratetype);
        mine.remove(migratetype, pfn);
        count[cpu][0]--;
        return pfn;
    }

    @Override
    public void put(int cpu, int pfn, int order, boolean cold) {
        int type = frames.blockType(pfn);
        int list = type < MigrateTypes.PCPTYPES ? type : movable;
        if (cold) {
            lists[cpu].addLast(list, pfn, type);
        } else {
            lists[cpu].addFirst(list, pfn, type);
        }
        count[cpu][0]++;
        if (count[cpu][0] >= high) {
            drain(cpu, batch);
        }
    }

    private void drain(int cpu, int pages) {
        int left = Math.min(pages, count[cpu][0]);
        count[cpu][0] -= left;
        int list = 0;
        int fromThisList = 0;
        while (left > 0) {
            do {
                fromThisList++;
                list = list + 1 == MigrateTypes.PCPTYPES ? 0 : list + 1;
            } while (lists[cpu].isEmpty(list));
            do {
                freeLast(cpu, list);
                left--;
                fromThisList--;
            } while (left > 0 && fromThisList > 0 && !lists[cpu].isEmpty(list));
        }
    }

    @Override
    public void drain(int cpu) {
        drain(cpu, count[cpu][0]);
    }

    @Override
    public ZoneView.PageSet view(int cpu) {
        return new ZoneView.PageSet(cpu, List.of(new ZoneView.PerCpuList(count[cpu][0], high, batch)));
    }
}

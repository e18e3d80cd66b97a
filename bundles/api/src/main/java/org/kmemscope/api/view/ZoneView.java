package org.kmemscope.api.view;

import java.util.List;
import java.util.Map;
import org.kmemscope.api.page.ZoneType;

/**
 * A zone ({@code /proc/zoneinfo}, {@code buddyinfo}, {@code pagetypeinfo}). All sizes are pages.
 *
 * @param index index of the zone
 * @param type which
 * @param startPfn first frame
 * @param spanned frames from first to last
 * @param present frames with RAM; before 3.9 less the {@code memmap}
 * @param managed frames the allocator was given
 * @param free free pages, per-CPU lists not counted
 * @param min watermark without boost
 * @param low watermark without boost
 * @param high watermark without boost
 * @param boost temporary addition to every watermark
 * @param protection {@code lowmem_reserve[]} by the highest zone of the request
 * @param highatomic pages reserved for high-order atomic requests
 * @param cma pages set aside for contiguous memory; -1 where the kernel has no CMA
 * @param cmaFree free ones of them
 * @param statThreshold {@code vm stats threshold}
 * @param freeBlocks free blocks by order
 * @param freeByType free blocks by migrate type, then by order; empty where it is not known
 * @param pageblocks number of pageblocks by migrate type; empty where it is not known
 * @param pageblockOrder log2 of the frames in a pageblock
 * @param pageSets per-CPU lists by CPU
 * @param statistics counters by name, in Linux's order, such as {@code nr_free_pages}
 */
public record ZoneView(
        int index,
        ZoneType type,
        int startPfn,
        long spanned,
        long present,
        long managed,
        long free,
        long min,
        long low,
        long high,
        long boost,
        List<Long> protection,
        long highatomic,
        long cma,
        long cmaFree,
        int statThreshold,
        List<Long> freeBlocks,
        Map<String, List<Long>> freeByType,
        Map<String, Long> pageblocks,
        int pageblockOrder,
        List<PageSet> pageSets,
        Map<String, Long> statistics) {
    /**
     * The per-CPU lists of one CPU.
     *
     * @param cpu which
     * @param lists a single one; hot and cold in 2.6.24
     */
    public record PageSet(int cpu, List<PerCpuList> lists) {}

    /**
     * One set of per-CPU lists.
     *
     * @param count pages on them
     * @param high where they are drained
     * @param batch pages moved at a time
     */
    public record PerCpuList(long count, long high, long batch) {}

    /** The same zone with other counters. */
    public ZoneView withStatistics(Map<String, Long> other) {
        return new ZoneView(
                index,
                type,
                startPfn,
                spanned,
                present,
                managed,
                free,
                min,
                low,
                high,
                boost,
                protection,
                highatomic,
                cma,
                cmaFree,
                statThreshold,
                freeBlocks,
                freeByType,
                pageblocks,
                pageblockOrder,
                pageSets,
                other);
    }

    /** Whether the zone has any page. */
    public boolean populated() {
        return present > 0;
    }
}

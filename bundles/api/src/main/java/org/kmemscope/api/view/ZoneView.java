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
    private static final int THOUSAND = 1000;

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

    /**
     * {@code unusable_free_index()}: the part of free memory that is of no use to a request of an order, because it lies in smaller blocks
     * ({@code /sys/kernel/debug/extfrag/unusable_index}).
     *
     * @param order of the request
     * @return 0 to 1000; 1000 if nothing is free
     */
    public int unusableIndex(int order) {
        long pages = 0;
        long suitable = 0;
        for (int current = 0; current < freeBlocks.size(); current++) {
            pages += freeBlocks.get(current) << current;
            suitable += current >= order ? freeBlocks.get(current) << current : 0;
        }
        return pages == 0 ? THOUSAND : (int) ((pages - suitable) * THOUSAND / pages);
    }

    /**
     * {@code fragmentation_index()}: towards 0 a request of an order fails for lack of memory, towards 1000 because of fragmentation
     * ({@code /sys/kernel/debug/extfrag/extfrag_index}).
     *
     * @param order of the request
     * @return -1000 if it would not fail; 0 if nothing is free
     */
    public int fragmentationIndex(int order) {
        long blocks = 0;
        long pages = 0;
        for (int current = 0; current < freeBlocks.size(); current++) {
            long count = freeBlocks.get(current);
            if (current >= order && count > 0) {
                return -THOUSAND;
            }
            blocks += count;
            pages += count << current;
        }
        return blocks == 0 ? 0 : (int) (THOUSAND - (THOUSAND + pages * THOUSAND / (1L << order)) / blocks);
    }

    /** Whether the zone has any page. */
    public boolean populated() {
        return present > 0;
    }
}

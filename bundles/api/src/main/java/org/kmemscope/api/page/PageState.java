package org.kmemscope.api.page;

import java.util.List;

/**
 * The exact state of a page allocator: every counter, every list in order, every pageblock. What a machine is cloned from, and what
 * two states are compared by. Lists are head first; pfns are absolute. Arrays are not copied.
 *
 * @param zones by index, empty ones included
 */
public record PageState(List<ZoneState> zones) {
    /**
     * A zone.
     *
     * @param index index of the zone
     * @param startPfn first frame
     * @param spanned frames from first to last
     * @param present frames with RAM
     * @param managed frames the allocator was given
     * @param marks watermarks without boost: min, low, high
     * @param boost added to each of them
     * @param boosted whether kswapd has yet to hear of a boost
     * @param reclaimActive whether kswapd works on the zone
     * @param highatomic pages reserved for high-order atomic requests
     * @param free the zone's free page counter, without the differences
     * @param freeDiff by CPU, changes of it that do not count yet
     * @param threshold above which a difference counts
     * @param cma pages set aside for contiguous memory
     * @param cmaFree free ones of them, without the differences
     * @param cmaDiff by CPU, changes of it that do not count yet
     * @param reserve {@code lowmem_reserve[]}
     * @param perCpu per-CPU lists by CPU
     * @param freeLists free lists that are not empty
     * @param blockTypes types of the pageblocks, from the one that contains the first frame
     * @param movable frames on an LRU list or movable otherwise, as far as known
     */
    public record ZoneState(
            int index,
            int startPfn,
            long spanned,
            long present,
            long managed,
            long[] marks,
            long boost,
            boolean boosted,
            boolean reclaimActive,
            long highatomic,
            long free,
            int[] freeDiff,
            int threshold,
            long cma,
            long cmaFree,
            int[] cmaDiff,
            long[] reserve,
            List<PerCpu> perCpu,
            List<FreeList> freeLists,
            int[] blockTypes,
            int[] movable) {}

    /**
     * The per-CPU lists of one CPU.
     *
     * @param count pages on them
     * @param high where they are drained
     * @param batch pages moved at a time
     * @param freeFactor how far freeing in a row has enlarged the batch
     * @param lists lists that are not empty
     */
    public record PerCpu(int count, int high, int batch, int freeFactor, List<PcpList> lists) {}

    /**
     * A per-CPU list.
     *
     * @param index index of the list in its kernel
     * @param pfns first frames of the blocks on it
     * @param types the migrate type each came with
     */
    public record PcpList(int index, int[] pfns, int[] types) {}

    /**
     * A free list.
     *
     * @param order order of its blocks
     * @param migratetype type of the list
     * @param pfns first frames of the blocks on it
     */
    public record FreeList(int order, int migratetype, int[] pfns) {}
}

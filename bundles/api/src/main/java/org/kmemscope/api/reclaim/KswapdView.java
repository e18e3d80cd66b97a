package org.kmemscope.api.reclaim;

import java.util.List;

/**
 * kswapd and the state of the node.
 *
 * @param state {@code sleeping}, {@code woken}, or {@code napping} while it waits for the disk
 * @param pid its process id
 * @param order order of the block it works for
 * @param highestZone highest zone it works for; -1 for none
 * @param priority how hard it works: 12 the least, 0 the hardest
 * @param failures runs in a row that freed nothing; after 16 it gives up until somebody else frees memory (4.12 and later)
 * @param dirty dirty pages in memory
 * @param writeback pages being written
 * @param backgroundThreshold dirty pages above which the flusher writes
 * @param dirtyThreshold dirty pages above which whoever writes waits
 * @param zones the zones it looks at
 */
public record KswapdView(
        String state,
        int pid,
        int order,
        int highestZone,
        int priority,
        int failures,
        long dirty,
        long writeback,
        long backgroundThreshold,
        long dirtyThreshold,
        List<ZoneState> zones) {
    /** Keeps an unmodifiable copy. */
    public KswapdView {
        zones = List.copyOf(zones);
    }

    /**
     * A zone.
     *
     * @param zone name
     * @param free free pages
     * @param low below it kswapd is woken, boost included
     * @param high above it kswapd sleeps, boost included
     * @param scanned pages looked at since one was freed; -1 where the zone does not count them
     * @param unreclaimable whether reclaim has given the zone up
     */
    public record ZoneState(String zone, long free, long low, long high, long scanned, boolean unreclaimable) {}
}

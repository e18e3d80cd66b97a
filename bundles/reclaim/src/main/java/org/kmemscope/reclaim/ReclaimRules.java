package org.kmemscope.reclaim;

import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;

/**
 * The rules of reclaim of one kernel: the only place in this bundle that looks at a version.
 *
 * @param lists how pages are kept
 * @param referenced when a page that was used lately goes to the active list
 * @param anonLooksTwice whether anonymous pages, too, must be found used twice (5.9)
 * @param fileWriters who of those that reclaim may write pages of files
 * @param kswapd how kswapd works
 * @param oom how the OOM killer chooses and what it says
 * @param oomNeedsFs whether nobody is killed for a mask without {@code __GFP_FS} (4.6)
 * @param coldFrees whether freed pages go to the cold end of the CPU's list (up to 4.14)
 * @param flusherAtOnce whether the flusher is called as soon as a list is full of dirty pages (4.12), and not only when much was scanned
 * @param compaction whether there is compaction
 * @param compactionByZone whether compaction is put off by zone and starts from order-0 watermarks of the request (4.6)
 * @param compactionNeedsFs whether it is not tried without {@code __GFP_FS} (up to 4.6)
 * @param dirtyExcludesReserve whether what zones keep in reserve counts as room for dirty pages (no from 3.3 on)
 * @param dirtyByZone whether {@code __GFP_WRITE} spreads dirty pages: by zone from 3.3, by node from 4.8 on
 * @param dirtyBackgroundRatio {@code dirty_background_ratio} at boot
 * @param dirtyRatio {@code dirty_ratio} at boot
 * @param oomDumpTasks {@code oom_dump_tasks} at boot; -1 where there is no such tunable
 * @param compactTunables {@code compact_memory} and {@code extfrag_threshold}
 * @param nothingFreed what direct reclaim says when it freed nothing
 * @param agesWithoutSwap whether anonymous memory is aged although there is no swap (up to 2.6.36)
 * @param givesUpByLists whether a zone is given up by all pages on its lists (up to 2.6.32) and not by those that could go
 * @param slabByPriority whether caches of objects are under the pressure of the priority (3.12) and not of pages looked at
 * @param flusherName name of the thread that writes dirty pages
 * @param announcesDrop whether the log tells of drop_caches (3.14)
 * @param anonStartsActive whether new anonymous pages are active (up to 5.8)
 * @param overcommitsByTotal whether a single mapping may be as large as all memory (5.2)
 * @param unevictable whether pages that cannot go have a list of their own
 * @param heedsCongestion whether requests do not add to a congested queue of the disk (up to 5.17, which were the last to know of such)
 * @param priorityReclaim the largest priority with which kswapd and direct reclaim may write when they have difficulties
 */
record ReclaimRules(
        Lists lists,
        Referenced referenced,
        boolean anonLooksTwice,
        FileWriters fileWriters,
        KswapdEra kswapd,
        OomEra oom,
        boolean oomNeedsFs,
        boolean coldFrees,
        boolean flusherAtOnce,
        boolean compaction,
        boolean compactionByZone,
        boolean compactionNeedsFs,
        boolean dirtyExcludesReserve,
        Spread dirtyByZone,
        int dirtyBackgroundRatio,
        int dirtyRatio,
        int oomDumpTasks,
        boolean compactTunables,
        NothingFreed nothingFreed,
        boolean agesWithoutSwap,
        boolean givesUpByLists,
        boolean slabByPriority,
        String flusherName,
        boolean announcesDrop,
        boolean anonStartsActive,
        boolean overcommitsByTotal,
        boolean unevictable,
        boolean heedsCongestion,
        int priorityReclaim) {

    /** How pages are kept. */
    enum Lists {
        /** Up to 2.6.27: active and inactive, by zone. */
        TWO_BY_ZONE,
        /** 2.6.28 to 4.7: anonymous memory and files apart, by zone. */
        FOUR_BY_ZONE,
        /** 4.8 and later: by node, counted by zone. */
        FOUR_BY_NODE
    }

    /** What becomes of an inactive page that was used. */
    enum Referenced {
        /** Up to 2.6.33: active, if it is mapped or in the swap cache. */
        IN_USE,
        /** Later: anonymous ones active, files active at the second time. */
        CHECKED
    }

    /** Who may write dirty pages of files. */
    enum FileWriters {
        /** Up to 3.1: whoever reclaims. */
        ALL,
        /** 3.2 to 3.10: kswapd, when it has difficulties. */
        KSWAPD_IN_TROUBLE,
        /** Later: kswapd, when it met nothing but dirty pages. */
        KSWAPD_AMONG_DIRTY
    }

    /** What direct reclaim says when it freed nothing. */
    enum NothingFreed {
        /** It was progress, unless every zone was given up. */
        PROGRESS_UNLESS_GIVEN_UP,
        /** It was none. */
        NO_PROGRESS,
        /** It was progress, if one zone is worth looking at. */
        PROGRESS_IF_WORTH_SCANNING
    }

    /** How kswapd works. */
    enum KswapdEra {
        /** Up to 2.6.37: until every zone is above its high watermark. */
        ALL_ZONES,
        /** 2.6.38 to 4.7: for larger orders, a quarter of the memory is enough. */
        MOST_ZONES,
        /** 4.8 and later: until one zone that can serve the request is above its high watermark; boosts of watermarks. */
        ANY_ZONE
    }

    /** How the OOM killer chooses and what it says. */
    enum OomEra {
        /** Up to 2.6.35: by size, time and privileges; {@code oom_adj}. */
        BADNESS,
        /** 2.6.36 to 3.2: by the part of memory, in thousandths; {@code oom_score_adj}. */
        THOUSANDTHS,
        /** 3.3 to 4.19: by pages. */
        PAGES,
        /** 5.0 and later: the same, in one line. */
        PAGES_ONE_LINE
    }

    /** What {@code __GFP_WRITE} does. */
    enum Spread {
        /** Nothing: there is no such flag. */
        NONE,
        /** Keeps dirty pages out of zones that are full of them. */
        ZONE,
        /** The same for the node. */
        NODE
    }

    /** The rules of a kernel. */
    static ReclaimRules of(KernelVersion version, KernelConfig config) {
        boolean node = version.isAtLeast(4, 8);
        // the flusher wrote earlier up to 2.6.29
        boolean early = !version.isAtLeast(2, 6, 30);
        return new ReclaimRules(
                node ? Lists.FOUR_BY_NODE : version.isAtLeast(2, 6, 28) ? Lists.FOUR_BY_ZONE : Lists.TWO_BY_ZONE,
                version.isAtLeast(2, 6, 34) ? Referenced.CHECKED : Referenced.IN_USE,
                version.isAtLeast(5, 9),
                version.isAtLeast(3, 11)
                        ? FileWriters.KSWAPD_AMONG_DIRTY
                        : version.isAtLeast(3, 2) ? FileWriters.KSWAPD_IN_TROUBLE : FileWriters.ALL,
                node ? KswapdEra.ANY_ZONE : version.isAtLeast(2, 6, 38) ? KswapdEra.MOST_ZONES : KswapdEra.ALL_ZONES,
                version.isAtLeast(5, 0)
                        ? OomEra.PAGES_ONE_LINE
                        : version.isAtLeast(3, 3)
                                ? OomEra.PAGES
                                : version.isAtLeast(2, 6, 36) ? OomEra.THOUSANDTHS : OomEra.BADNESS,
                version.isAtLeast(4, 6),
                !version.isAtLeast(4, 15),
                version.isAtLeast(4, 12),
                config.is("COMPACTION"),
                version.isAtLeast(4, 6),
                !version.isAtLeast(4, 6),
                version.isAtLeast(3, 3),
                node ? Spread.NODE : version.isAtLeast(3, 3) ? Spread.ZONE : Spread.NONE,
                early ? 5 : 10,
                early ? 10 : 20,
                version.isAtLeast(2, 6, 36) ? 1 : version.isAtLeast(2, 6, 25) ? 0 : -1,
                config.is("COMPACTION"),
                version.isAtLeast(2, 6, 36)
                        ? NothingFreed.PROGRESS_IF_WORTH_SCANNING
                        : version.isAtLeast(2, 6, 28)
                                ? NothingFreed.NO_PROGRESS
                                : NothingFreed.PROGRESS_UNLESS_GIVEN_UP,
                !version.isAtLeast(2, 6, 37),
                !version.isAtLeast(2, 6, 33),
                version.isAtLeast(3, 12),
                version.isAtLeast(3, 10) ? "kworker/u:flush" : version.isAtLeast(2, 6, 32) ? "flush-8:0" : "pdflush",
                version.isAtLeast(3, 14),
                !version.isAtLeast(5, 9),
                version.isAtLeast(5, 2),
                version.isAtLeast(2, 6, 28),
                !version.isAtLeast(5, 18),
                ScanControl.DEF_PRIORITY - 2);
    }
}

package org.kmemscope.reclaim;

import org.kmemscope.api.page.ZoneControl.Mark;

/**
 * How much of each list of the node is looked at in a round ({@code shrink_node}, {@code shrink_lruvec}), 4.8 and later; the rules are those
 * of 6.1.
 *
 * <ol>
 *   <li>Costs: which kind had to be put back more often. Whether active lists may be shortened: if the inactive one is too short.
 *   <li>Which kinds ({@code get_scan_count}): only files without swap; both alike at priority 0; only anonymous memory if what is cached
 *       and free is not even the high watermarks; only files while there are plenty of inactive ones; else both, by swappiness and costs.
 *   <li>One page of {@code 2^priority} of each list, in clusters in turn, until enough is freed; then the smaller kind is left, and the other
 *       looked at in proportion.
 *   <li>Caches of objects. Dirty pages that nobody writes wake the flusher.
 *   <li>For a larger order, again, as long as compaction needs more free pages and there are inactive ones.
 * </ol>
 */
final class NodeShrinker {
    private static final int HUNDRED = 100;
    /** {@code 200 - swappiness} is the weight of files. */
    private static final int BOTH = 200;

    private final Basis basis;
    private final LruLists lru;
    private final ListShrinker lists;
    private final Shrinkers slabs;
    private final SwapArea swap;
    private final NodeState node;
    private final Flusher flusher;
    private final Throttle throttle;
    private final CompactionGate gate;

    // of the round that is going on
    private boolean deactivateAnon;
    private boolean deactivateFile;
    private boolean trimCache;
    private boolean fileIsTiny;

    /** What compaction says of a zone. */
    interface CompactionGate {
        /** Whether compaction could start now, or has nothing to do. */
        boolean ready(int zone, int order, int highestZone);
    }

    NodeShrinker(
            Basis basis,
            ListShrinker lists,
            Shrinkers slabs,
            SwapArea swap,
            NodeState node,
            Flusher flusher,
            Throttle throttle,
            CompactionGate gate) {
        this.basis = basis;
        this.lists = lists;
        this.slabs = slabs;
        this.swap = swap;
        this.node = node;
        this.flusher = flusher;
        this.throttle = throttle;
        this.gate = gate;
        lru = basis.lru;
    }

    /** {@code shrink_node()}. */
    void shrink(ScanControl scan) {
        boolean again;
        long before = scan.reclaimed;
        do {
            long start = scan.reclaimed;
            scan.forgetRound();
            prepare(scan);
            shrinkLists(scan);
            scan.reclaimed += slabs.shrinkByPriority(scan.priority, scan.gfp);
            if (scan.kswapd) {
                node.muchWriteback |= scan.writeback > 0 && scan.writeback == scan.taken;
                node.muchDirty |= scan.unqueuedDirty > 0 && scan.unqueuedDirty == scan.fileTaken;
                node.congested |= scan.dirty > 0 && scan.dirty == scan.congested;
            } else if (node.congested) {
                throttle.waitForWriters();
            }
            again = goesOn(scan.reclaimed - start, scan);
        } while (again);
        if (scan.reclaimed > before) {
            node.failures = 0;
        }
    }

    /** {@code prepare_scan_count()}. */
    private void prepare(ScanControl scan) {
        deactivateAnon = scan.forceDeactivate || lists.inactiveIsLow(0, ListShrinker.ANON);
        deactivateFile = scan.forceDeactivate || lists.inactiveIsLow(0, ListShrinker.FILE);
        trimCache = lru.count(0, LruLists.INACTIVE_FILE) >> scan.priority > 0 && !deactivateFile;
        long free = 0;
        long high = 0;
        for (int zone = 0; zone < basis.zones.zoneCount(); zone++) {
            free += basis.zones.free(zone);
            high += basis.zones.isManaged(zone) ? basis.zones.mark(zone, Mark.HIGH) : 0;
        }
        long file = lru.count(0, LruLists.INACTIVE_FILE) + lru.count(0, LruLists.ACTIVE_FILE);
        boolean anonThere = lru.count(0, LruLists.INACTIVE_ANON) >> scan.priority > 0;
        fileIsTiny = file + free <= high && !deactivateAnon && anonThere;
    }

    /** {@code get_scan_count()}. */
    private long[] shares(ScanControl scan) {
        long[] due = new long[LruLists.EVICTABLE];
        long swappiness = basis.settings.get(Settings.SWAPPINESS);
        boolean anon = scan.maySwap && !swap.full();
        boolean file = true;
        boolean weighed = false;
        if (anon) {
            if (scan.priority == 0 && swappiness > 0) {
                weighed = false;
            } else if (fileIsTiny) {
                file = false;
            } else if (trimCache) {
                anon = false;
            } else {
                weighed = true;
            }
        }
        long total = lists.cost(ListShrinker.ANON) + lists.cost(ListShrinker.FILE);
        long anonCost = total + lists.cost(ListShrinker.ANON);
        long fileCost = total + lists.cost(ListShrinker.FILE);
        long all = anonCost + fileCost;
        long ap = swappiness * (all + 1) / (anonCost + 1);
        long fp = (BOTH - swappiness) * (all + 1) / (fileCost + 1);
        for (int list = 0; list < due.length; list++) {
            boolean isFile = ListShrinker.kindOf(list) == ListShrinker.FILE;
            long pages = lru.countUpTo(0, list, scan.highestZone) >> scan.priority;
            if (weighed) {
                due[list] = pages * (isFile ? fp : ap) / (ap + fp);
            } else {
                due[list] = isFile && file || !isFile && anon ? pages : 0;
            }
        }
        return due;
    }

    /** {@code shrink_lruvec()}. */
    private void shrinkLists(ScanControl scan) {
        long[] due = shares(scan);
        long[] targets = due.clone();
        long freed = 0;
        // the first round of a request takes from both kinds in proportion
        boolean proportional = !scan.kswapd && scan.priority == ScanControl.DEF_PRIORITY;
        while (due[LruLists.INACTIVE_ANON] > 0 || due[LruLists.ACTIVE_FILE] > 0 || due[LruLists.INACTIVE_FILE] > 0) {
            for (int list = 0; list < due.length; list++) {
                if (due[list] > 0) {
                    int now = (int) Math.min(due[list], ScanControl.CLUSTER);
                    due[list] -= now;
                    freed += shrinkList(list, now, scan);
                }
            }
            if (freed < scan.wanted || proportional) {
                continue;
            }
            if (!leaveSmaller(due, targets)) {
                break;
            }
            proportional = true;
        }
        if (swap.total() > 0 && lists.inactiveIsLow(0, ListShrinker.ANON)) {
            lists.active(0, LruLists.ACTIVE_ANON, ScanControl.CLUSTER, scan);
        }
    }

    private int shrinkList(int list, int pages, ScanControl scan) {
        if ((list & LruLists.ACTIVE_BIT) == 0) {
            int freed = lists.inactive(0, list, pages, scan);
            if (lists.metOnlyDirty()) {
                flusher.wake(Long.MAX_VALUE);
            }
            return freed;
        }
        boolean may = list == LruLists.ACTIVE_FILE ? deactivateFile : deactivateAnon;
        if (may) {
            lists.active(0, list, pages, scan);
        } else {
            scan.skippedDeactivate = true;
        }
        return 0;
    }

    /** Enough was freed: the kind of which less is left is done, the other gets its part of what was planned. False to end at once. */
    private static boolean leaveSmaller(long[] due, long[] targets) {
        long file = due[LruLists.INACTIVE_FILE] + due[LruLists.ACTIVE_FILE];
        long anon = due[LruLists.INACTIVE_ANON] + due[LruLists.ACTIVE_ANON];
        if (file == 0 || anon == 0) {
            return false;
        }
        int smaller = file > anon ? LruLists.INACTIVE_ANON : LruLists.INACTIVE_FILE;
        int larger = LruLists.FILE_BIT - smaller;
        long planned = targets[smaller] + targets[smaller | LruLists.ACTIVE_BIT] + 1;
        long left = Math.min(file, anon) * HUNDRED / planned;
        due[smaller] = 0;
        due[smaller | LruLists.ACTIVE_BIT] = 0;
        for (int list = larger; list <= larger + 1; list++) {
            long done = targets[list] - due[list];
            long part = targets[list] * (HUNDRED - left) / HUNDRED;
            due[list] = part - Math.min(part, done);
        }
        return true;
    }

    /** {@code should_continue_reclaim()}: for compaction, twice the block must be free. */
    private boolean goesOn(long freed, ScanControl scan) {
        boolean forCompaction = basis.rules.compaction()
                && scan.order > 0
                && (scan.order > Compaction.COSTLY_ORDER || scan.priority < ScanControl.DEF_PRIORITY - 2);
        if (!forCompaction || freed == 0) {
            return false;
        }
        for (int zone = 0; zone <= scan.highestZone; zone++) {
            if (basis.zones.isManaged(zone) && gate.ready(zone, scan.order, scan.highestZone)) {
                return false;
            }
        }
        long inactive = lru.count(0, LruLists.INACTIVE_FILE) + (swap.full() ? 0 : lru.count(0, LruLists.INACTIVE_ANON));
        return inactive > Compaction.gap(scan.order);
    }
}

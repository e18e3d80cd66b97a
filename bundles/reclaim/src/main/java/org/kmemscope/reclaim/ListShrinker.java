package org.kmemscope.reclaim;

import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.trace.TracePoint;

/**
 * Takes pages from the tails of lists and puts back what stays ({@code shrink_inactive_list}, {@code shrink_active_list}).
 *
 * <ol>
 *   <li>Inactive list: up to 32 pages leave it; {@link PageShrinker} frees some; the rest goes back to the heads, active or not.
 *   <li>Active list: up to 32 pages leave it, their accessed bits are cleared, and they go to the head of the inactive list, whether they
 *       were used or not: who is used again before reaching its tail comes back.
 *   <li>Pages of zones that are of no use to the request are passed over (4.8 and later, where zones share lists).
 * </ol>
 *
 * <p>How often each kind of page had to be put back decides how much of each is looked at: as rotations of what was scanned up to 5.7, as
 * costs later.
 */
final class ListShrinker implements Stateful {
    static final int ANON = 0;
    static final int FILE = 1;

    private static final int PAGES_PER_GB_SHIFT = 18;

    private final Basis basis;
    private final PageFrames frames;
    private final LruLists lru;
    private final PageShrinker pageShrinker;
    private final NodeState node;
    private final SwapArea swap;
    private final boolean byNode;
    private final boolean twoLists;

    // by set of lists, anonymous memory and files in turn
    private final long[] recentScanned;
    private final long[] recentRotated;
    private final long[] cost = new long[2];

    // of the round that is going on
    /** Whether pages that are mapped may leave the active list (2.6.24). */
    private boolean reclaimMapped;

    private boolean lastUnqueuedDirty;

    ListShrinker(Basis basis, PageShrinker pageShrinker, NodeState node, SwapArea swap) {
        this.basis = basis;
        this.pageShrinker = pageShrinker;
        this.node = node;
        this.swap = swap;
        frames = basis.frames;
        lru = basis.lru;
        byNode = basis.rules.lists() == ReclaimRules.Lists.FOUR_BY_NODE;
        twoLists = basis.rules.lists() == ReclaimRules.Lists.TWO_BY_ZONE;
        recentScanned = new long[lru.sets() * 2];
        recentRotated = new long[lru.sets() * 2];
    }

    static int kindOf(int list) {
        return (list & LruLists.FILE_BIT) != 0 ? FILE : ANON;
    }

    long recentScanned(int set, int kind) {
        return recentScanned[set * 2 + kind];
    }

    long recentRotated(int set, int kind) {
        return recentRotated[set * 2 + kind];
    }

    /** What was long ago counts half. */
    void forgetSome(int set, int kind) {
        recentScanned[set * 2 + kind] /= 2;
        recentRotated[set * 2 + kind] /= 2;
    }

    long cost(int kind) {
        return cost[kind];
    }

    // ---- isolation

    /** Takes up to so many pages off the tail of a list; what was looked at is added to the counters. */
    private int isolate(int set, int list, int[] batch, int wanted, ScanControl scan) {
        int taken = 0;
        int skipped = 0;
        int pfn = lru.last(set, list);
        int looked = 0;
        int[] passedOver = byNode ? new int[ScanControl.CLUSTER] : batch;
        while (pfn != LruLists.NONE && taken < wanted) {
            int prev = lru.prev(pfn);
            looked++;
            if (byNode && frames.zone(pfn) > scan.highestZone) {
                if (skipped == passedOver.length) {
                    passedOver = java.util.Arrays.copyOf(passedOver, skipped * 2);
                }
                passedOver[skipped++] = pfn;
                basis.counters.add(VmCounters.Zoned.PGSKIP, frames.zone(pfn), 1);
            } else {
                batch[taken++] = pfn;
            }
            lru.remove(pfn);
            pfn = prev;
        }
        // the last one passed over comes to the head
        for (int i = 0; i < skipped; i++) {
            lru.addFirst(passedOver[i]);
        }
        scan.scanned += looked;
        return taken;
    }

    private void putBack(int[] batch, int number) {
        for (int i = 0; i < number; i++) {
            lru.addFirst(batch[i]);
        }
    }

    // ---- inactive lists

    /** {@code shrink_inactive_list()}; pages freed. */
    int inactive(int set, int list, int wanted, ScanControl scan) {
        int[] batch = new int[ScanControl.CLUSTER];
        int kind = kindOf(list);
        long before = scan.scanned;
        int taken = isolate(set, list, batch, Math.min(wanted, batch.length), scan);
        long looked = scan.scanned - before;
        countScan(batch, taken, set, kind, scan);
        if (taken == 0) {
            return 0;
        }
        PageShrinker.Tally tally = new PageShrinker.Tally();
        int kept = pageShrinker.shrink(batch, taken, scan, tally);
        for (int i = 0; i < kept; i++) {
            if (frames.is(batch[i], PageFlag.ACTIVE)) {
                recentRotated[set * 2 + kindOfPage(batch[i])]++;
            }
        }
        putBack(batch, kept);
        noteCost(kind, tally.pageout, looked - tally.reclaimed);
        scan.reclaimed += tally.reclaimed;
        scan.dirty += tally.dirty;
        scan.unqueuedDirty += tally.unqueuedDirty;
        scan.congested += tally.congested;
        scan.writeback += tally.writeback;
        scan.immediate += tally.immediate;
        scan.taken += taken;
        scan.fileTaken += kind == FILE ? taken : 0;
        if (basis.trace.on(TracePoint.MM_VMSCAN_LRU_SHRINK_INACTIVE)) {
            basis.trace.fire(
                    TracePoint.MM_VMSCAN_LRU_SHRINK_INACTIVE,
                    taken,
                    tally.reclaimed,
                    tally.dirty,
                    tally.writeback,
                    tally.activated,
                    kept,
                    scan.priority,
                    kind);
        }
        lastUnqueuedDirty = tally.unqueuedDirty == taken;
        return tally.reclaimed;
    }

    /** Whether the last pages looked at were all dirty, and nobody writes them. */
    boolean metOnlyDirty() {
        return lastUnqueuedDirty;
    }

    private int kindOfPage(int pfn) {
        return frames.is(pfn, PageFlag.SWAPBACKED) ? ANON : FILE;
    }

    private void countScan(int[] batch, int taken, int set, int kind, ScanControl scan) {
        VmCounters.Zoned event = scan.kswapd ? VmCounters.Zoned.PGSCAN_KSWAPD : VmCounters.Zoned.PGSCAN_DIRECT;
        for (int i = 0; i < taken; i++) {
            int zone = frames.zone(batch[i]);
            basis.counters.add(event, zone, 1);
            if (!byNode) {
                node.scanned(zone, 1);
            }
        }
        basis.counters.add(kind == FILE ? VmCounters.Event.PGSCAN_FILE : VmCounters.Event.PGSCAN_ANON, taken);
        recentScanned[set * 2 + kind] += taken;
    }

    /** {@code lru_note_cost()}. */
    private void noteCost(int kind, long pageouts, long rotated) {
        if (!byNode) {
            return;
        }
        cost[kind] += pageouts * ScanControl.CLUSTER + rotated;
        long pages = 0;
        for (int list = 0; list < LruLists.EVICTABLE; list++) {
            pages += lru.count(0, list);
        }
        if (cost[ANON] + cost[FILE] > pages / 4) {
            cost[ANON] /= 2;
            cost[FILE] /= 2;
        }
    }

    // ---- active lists

    /** {@code shrink_active_list()}. */
    void active(int set, int list, int wanted, ScanControl scan) {
        int[] batch = new int[ScanControl.CLUSTER];
        int kind = kindOf(list);
        long before = scan.scanned;
        int taken = isolate(set, list, batch, Math.min(wanted, batch.length), scan);
        // the pages looked at here do not count as an effort to free some
        scan.scanned = twoLists ? scan.scanned : before;
        if (taken == 0) {
            return;
        }
        int deactivated = 0;
        int referenced = 0;
        for (int i = 0; i < taken; i++) {
            int pfn = batch[i];
            int zone = frames.zone(pfn);
            basis.counters.add(VmCounters.Zoned.PGREFILL, zone, 1);
            if (!byNode) {
                node.scanned(zone, 1);
            }
            if (twoLists && staysActive(pfn)) {
                continue;
            }
            if (basis.rules.unevictable() && frames.is(pfn, PageFlag.MLOCKED)) {
                frames.setFlags(pfn, frames.flags(pfn) & ~PageFlag.ACTIVE.bit() | PageFlag.UNEVICTABLE.bit());
                basis.counters.add(VmCounters.Event.UNEVICTABLE_PGS_CULLED, 1);
                continue;
            }
            if (!twoLists && basis.owners.of(pfn).referenced(pfn) > 0) {
                referenced++;
            }
            frames.clear(pfn, PageFlag.ACTIVE);
            deactivated++;
        }
        recentScanned[set * 2 + kind] += taken;
        recentRotated[set * 2 + kind] += referenced;
        basis.counters.add(VmCounters.Event.PGDEACTIVATE, deactivated);
        putBack(batch, taken);
        if (basis.trace.on(TracePoint.MM_VMSCAN_LRU_SHRINK_ACTIVE)) {
            basis.trace.fire(
                    TracePoint.MM_VMSCAN_LRU_SHRINK_ACTIVE,
                    taken,
                    (long) taken - deactivated,
                    deactivated,
                    scan.priority,
                    kind);
        }
    }

    /** 2.6.24: mapped pages stay while there is little trouble, anonymous ones for ever without swap, and those just used. */
    private boolean staysActive(int pfn) {
        if (frames.mapCount(pfn) == 0) {
            return false;
        }
        boolean anon = frames.is(pfn, PageFlag.SWAPBACKED);
        return !reclaimMapped
                || anon && swap.total() == 0
                || basis.owners.of(pfn).referenced(pfn) > 0;
    }

    void setReclaimMapped(boolean on) {
        reclaimMapped = on;
    }

    // ---- balance of active and inactive

    /** {@code inactive_list_is_low()}: whether the inactive list is too short for what is active. */
    boolean inactiveIsLow(int set, int kind) {
        int inactive = kind == FILE ? LruLists.INACTIVE_FILE : LruLists.INACTIVE_ANON;
        long few = lru.count(set, inactive);
        long many = lru.count(set, inactive | LruLists.ACTIVE_BIT);
        if (kind == FILE && !byNode) {
            return many > few;
        }
        return few * inactiveRatio(set, few + many) < many;
    }

    /** The root of ten times the size in GiB: of the zone, later of the lists. */
    private long inactiveRatio(int set, long onLists) {
        long gigabytes = (byNode ? onLists : basis.zones.managed(set)) >> PAGES_PER_GB_SHIFT;
        return gigabytes == 0 ? 1 : (long) Math.sqrt(10.0 * gigabytes);
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(recentScanned);
        out.putLongs(recentRotated);
        out.putLongs(cost);
    }

    @Override
    public void restore(StateReader in) {
        System.arraycopy(in.getLongs(), 0, recentScanned, 0, recentScanned.length);
        System.arraycopy(in.getLongs(), 0, recentRotated, 0, recentRotated.length);
        System.arraycopy(in.getLongs(), 0, cost, 0, cost.length);
    }
}

package org.kmemscope.reclaim;

import org.kmemscope.api.page.ZoneControl.Mark;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * How much of each list of a zone is looked at in a round ({@code shrink_zone}), up to 4.7.
 *
 * <p>A round of priority p looks at one page of {@code 2^p} of each list; less than a cluster is kept for the next round.
 *
 * <p>2.6.24 to 27 have two lists. Mapped pages leave the active one only when {@code swap_tendency} comes to 100: half the part of memory
 * that is mapped, plus distress (100 at priority 0, halved with each priority above), plus swappiness.
 *
 * <p>Later there are four, and the parts of anonymous memory and files follow from swappiness and from how many of each kind had to be put
 * back. Without swap, only files count; with hardly any files, only anonymous memory.
 */
final class ZoneShrinker implements Stateful {
    private static final int HUNDRED = 100;
    private static final int ALL_OF_IT = 200;

    private final Basis basis;
    private final LruLists lru;
    private final ListShrinker lists;
    private final SwapArea swap;
    private final boolean twoLists;
    /** What is left from earlier rounds, by zone and list. */
    private final long[] saved;

    ZoneShrinker(Basis basis, ListShrinker lists, SwapArea swap) {
        this.basis = basis;
        this.lists = lists;
        this.swap = swap;
        lru = basis.lru;
        twoLists = basis.rules.lists() == ReclaimRules.Lists.TWO_BY_ZONE;
        saved = new long[basis.zones.zoneCount() * LruLists.LISTS];
    }

    long savedScan(int zone, int list) {
        return saved[zone * LruLists.LISTS + list];
    }

    void shrink(int zone, ScanControl scan) {
        if (twoLists) {
            shrinkTwoLists(zone, scan);
        } else {
            shrinkFourLists(zone, scan);
        }
    }

    private long due(int zone, int list, long more) {
        int at = zone * LruLists.LISTS + list;
        saved[at] += more;
        long due = saved[at];
        if (due < ScanControl.CLUSTER) {
            return 0;
        }
        saved[at] = 0;
        return due;
    }

    // ---- 2.6.24

    private void shrinkTwoLists(int zone, ScanControl scan) {
        long active = due(zone, LruLists.ACTIVE_ANON, (lru.count(zone, LruLists.ACTIVE_ANON) >> scan.priority) + 1);
        long inactive =
                due(zone, LruLists.INACTIVE_ANON, (lru.count(zone, LruLists.INACTIVE_ANON) >> scan.priority) + 1);
        lists.setReclaimMapped(swapTendency(scan) >= HUNDRED);
        while (active > 0 || inactive > 0) {
            if (active > 0) {
                int now = (int) Math.min(active, ScanControl.CLUSTER);
                active -= now;
                lists.active(zone, LruLists.ACTIVE_ANON, now, scan);
            }
            if (inactive > 0) {
                int now = (int) Math.min(inactive, ScanControl.CLUSTER);
                inactive -= now;
                lists.inactive(zone, LruLists.INACTIVE_ANON, now, scan);
            }
        }
    }

    /** How much it is worth to take pages away from tasks. */
    private long swapTendency(ScanControl scan) {
        long distress = HUNDRED >> scan.priority;
        return mappedPart() / 2 + distress + basis.settings.get(Settings.SWAPPINESS);
    }

    /** Hundredths of memory that are mapped: what is on the lists and belongs to tasks. */
    private long mappedPart() {
        long mapped = 0;
        for (int zone = 0; zone < basis.zones.zoneCount(); zone++) {
            mapped += lru.count(zone, LruLists.ACTIVE_ANON);
        }
        return mapped * HUNDRED / Math.max(1, basis.pages.totalPages());
    }

    // ---- 2.6.28 to 4.7

    private void shrinkFourLists(int zone, ScanControl scan) {
        long[] due = new long[LruLists.EVICTABLE];
        long anon = anonPart(zone);
        for (int list = 0; list < due.length; list++) {
            long part = ListShrinker.kindOf(list) == ListShrinker.FILE ? HUNDRED - anon : anon;
            long pages = lru.count(zone, list);
            long more = scan.priority == 0 ? pages : (pages >> scan.priority) * part / HUNDRED;
            due[list] = due(zone, list, scan.priority == 0 && part == 0 ? 0 : more);
        }
        while (due[LruLists.INACTIVE_ANON] > 0 || due[LruLists.ACTIVE_FILE] > 0 || due[LruLists.INACTIVE_FILE] > 0) {
            for (int list = 0; list < due.length; list++) {
                if (due[list] > 0) {
                    int now = (int) Math.min(due[list], ScanControl.CLUSTER);
                    due[list] -= now;
                    shrinkList(zone, list, now, scan);
                }
            }
            // who waits has what he came for
            if (!scan.kswapd && scan.reclaimed >= scan.wanted && scan.priority < ScanControl.DEF_PRIORITY) {
                break;
            }
        }
        age(zone, scan);
    }

    private void shrinkList(int zone, int list, int pages, ScanControl scan) {
        if ((list & LruLists.ACTIVE_BIT) == 0) {
            lists.inactive(zone, list, pages, scan);
        } else if (list == LruLists.ACTIVE_FILE ? lists.inactiveIsLow(zone, ListShrinker.FILE) : anonIsLow(zone)) {
            lists.active(zone, list, pages, scan);
        }
    }

    /** Without swap there is no point in ageing anonymous memory, but up to 2.6.36 it is aged all the same. */
    boolean anonIsLow(int zone) {
        boolean pointless = swap.total() == 0 && !basis.rules.agesWithoutSwap();
        return !pointless && lists.inactiveIsLow(zone, ListShrinker.ANON);
    }

    /** Keeps the inactive list of anonymous memory long enough to find out what is used. */
    void age(int zone, ScanControl scan) {
        if (!twoLists && anonIsLow(zone)) {
            lists.active(zone, LruLists.ACTIVE_ANON, ScanControl.CLUSTER, scan);
        }
    }

    /** {@code get_scan_ratio()}: hundredths of the effort that go to anonymous memory. */
    private long anonPart(int zone) {
        if (swap.full()) {
            return 0;
        }
        long anon = lru.count(zone, LruLists.ACTIVE_ANON) + lru.count(zone, LruLists.INACTIVE_ANON);
        long file = lru.count(zone, LruLists.ACTIVE_FILE) + lru.count(zone, LruLists.INACTIVE_FILE);
        if (file + basis.zones.free(zone) <= basis.zones.mark(zone, Mark.HIGH)) {
            return HUNDRED;
        }
        if (lists.recentScanned(zone, ListShrinker.ANON) > anon / 4) {
            lists.forgetSome(zone, ListShrinker.ANON);
        }
        if (lists.recentScanned(zone, ListShrinker.FILE) > file / 4) {
            lists.forgetSome(zone, ListShrinker.FILE);
        }
        long swappiness = basis.settings.get(Settings.SWAPPINESS);
        long ap = pressure(zone, ListShrinker.ANON, swappiness);
        long fp = pressure(zone, ListShrinker.FILE, ALL_OF_IT - swappiness);
        return HUNDRED * ap / (ap + fp + 1);
    }

    private long pressure(int zone, int kind, long weight) {
        return (weight + 1) * (lists.recentScanned(zone, kind) + 1) / (lists.recentRotated(zone, kind) + 1);
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(saved);
    }

    @Override
    public void restore(StateReader in) {
        System.arraycopy(in.getLongs(), 0, saved, 0, saved.length);
    }
}

package org.kmemscope.reclaim;

import org.kmemscope.api.page.ZoneControl;
import org.kmemscope.api.page.ZoneControl.Mark;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.trace.TracePoint;

/**
 * kswapd up to 4.7 ({@code balance_pgdat}).
 *
 * <ol>
 *   <li>From the highest zone down, the first below its high watermark is the last to be worked on; none: done.
 *   <li>From the lowest zone up to it: a zone that is not already above eight times its high watermark is shrunk, and so are caches of objects.
 *       A zone that was looked at many times in vain is given up, and from then on only looked at in the first round.
 *   <li>All above their high watermarks: done. From 2.6.38 on, for a larger order, a quarter of the memory above them is enough.
 *   <li>From priority 9 on a nap. After a cluster of pages, or at priority 0, from the start; a pass that freed too little for a larger order
 *       goes on for single pages.
 * </ol>
 */
final class ZoneKswapd extends Kswapd {
    private static final int PLENTY = 8;
    private static final int SCANNED_MUCH = 2 * ScanControl.CLUSTER;
    private static final int BALANCED_PART = 4;

    private final ZoneShrinker shrinker;
    private final Shrinkers slabs;
    private final Reclaimable reclaimable;
    private long scanned;
    private long reclaimed;
    private boolean mayWrite;

    ZoneKswapd(Basis basis, NodeState node, ZoneShrinker shrinker, Shrinkers slabs, Reclaimable reclaimable) {
        super(basis, node);
        this.shrinker = shrinker;
        this.slabs = slabs;
        this.reclaimable = reclaimable;
    }

    @Override
    void wake(int zone, int wantedOrder, int highest, int requestGfp) {
        if (!basis.zones.isManaged(zone) || ok(zone, wantedOrder, basis.zones.mark(zone, Mark.LOW), 0)) {
            return;
        }
        order = Math.max(order, wantedOrder);
        highestZone = Math.max(highestZone, zone);
        if (!isAwake()) {
            startPass();
            if (basis.trace.on(TracePoint.MM_VMSCAN_WAKEUP_KSWAPD)) {
                basis.trace.fire(TracePoint.MM_VMSCAN_WAKEUP_KSWAPD, zone, wantedOrder, requestGfp);
            }
        }
        wakeUp(zone);
    }

    private boolean ok(int zone, int wantedOrder, long mark, int highest) {
        return basis.zones.watermarkOk(zone, wantedOrder, mark, highest, ZoneControl.NO_FLAGS);
    }

    private void startPass() {
        priority = ScanControl.DEF_PRIORITY;
        scanned = 0;
        reclaimed = 0;
        mayWrite = !basis.settings.is(Settings.LAPTOP_MODE);
        basis.counters.add(VmCounters.Event.PAGEOUTRUN, 1);
    }

    @Override
    void work() {
        state = State.WOKEN;
        while (true) {
            int end = highestNeedy();
            if (end < 0) {
                sleep(isBalanced());
                return;
            }
            long pagesOk = shrinkUpTo(end);
            boolean balanced = pagesOk < 0 || order > 0 && isEnough(pagesOk, end);
            if (balanced) {
                sleep(true);
                return;
            }
            boolean naps = scanned > 0 && priority < ScanControl.DEF_PRIORITY - 2;
            priority--;
            if (reclaimed >= ScanControl.CLUSTER || priority < 0) {
                // a pass that freed nothing leaves the CPU to others
                naps |= reclaimed == 0;
                if (reclaimed < ScanControl.CLUSTER) {
                    order = 0;
                }
                startPass();
            }
            if (naps) {
                nap();
                return;
            }
        }
    }

    private int highestNeedy() {
        for (int zone = basis.zones.zoneCount() - 1; zone >= 0; zone--) {
            if (!basis.zones.isManaged(zone) || isLeftAlone(zone)) {
                continue;
            }
            ScanControl scan = scanControl(zone);
            shrinker.age(zone, scan);
            if (!ok(zone, order, basis.zones.mark(zone, Mark.HIGH), 0)) {
                return zone;
            }
        }
        return -1;
    }

    /** Zones that were given up may be short all the same. */
    private boolean isBalanced() {
        for (int zone = 0; zone < basis.zones.zoneCount(); zone++) {
            if (basis.zones.isManaged(zone) && !ok(zone, order, basis.zones.mark(zone, Mark.HIGH), 0)) {
                return false;
            }
        }
        return true;
    }

    private boolean isLeftAlone(int zone) {
        return node.isUnreclaimable(zone) && priority != ScanControl.DEF_PRIORITY;
    }

    private ScanControl scanControl(int zone) {
        ScanControl scan = new ScanControl(gfp, order, zone, true);
        scan.priority = priority;
        scan.mayWrite = mayWrite;
        return scan;
    }

    /** Pages of the zones that are above their high watermarks now; -1 if all are. */
    private long shrinkUpTo(int end) {
        long lruPages = 0;
        for (int zone = 0; zone <= end; zone++) {
            lruPages += reclaimable.of(zone);
        }
        long pagesOk = 0;
        boolean all = true;
        for (int zone = 0; zone <= end; zone++) {
            if (!basis.zones.isManaged(zone) || isLeftAlone(zone)) {
                continue;
            }
            long high = basis.zones.mark(zone, Mark.HIGH);
            ScanControl scan = scanControl(end);
            if (!ok(zone, order, PLENTY * high, end)) {
                shrinker.shrink(zone, scan);
            }
            long slab = basis.rules.slabByPriority()
                    ? slabs.shrinkByPriority(priority, gfp)
                    : slabs.shrinkByScan(scan.scanned, gfp, lruPages);
            scanned += scan.scanned;
            reclaimed += scan.reclaimed + slab;
            freedSinceWake += scan.reclaimed + slab;
            if (slab == 0 && !node.isWorthScanning(zone, hopeIn(zone))) {
                node.giveUp(zone);
            }
            if (scanned > SCANNED_MUCH && scanned > reclaimed + reclaimed / 2) {
                mayWrite = true;
            }
            if (ok(zone, order, high, end)) {
                pagesOk += basis.zones.managed(zone);
            } else {
                all = false;
            }
        }
        return all ? -1 : pagesOk;
    }

    /** What a zone is measured by before it is given up: up to 2.6.32 everything on its lists. */
    private long hopeIn(int zone) {
        if (!basis.rules.givesUpByLists()) {
            return reclaimable.of(zone);
        }
        long pages = 0;
        for (int list = 0; list < LruLists.EVICTABLE; list++) {
            pages += basis.lru.countOfZone(zone, list);
        }
        return pages;
    }

    /** {@code pgdat_balanced()}. */
    private boolean isEnough(long pagesOk, int end) {
        if (basis.rules.kswapd() != ReclaimRules.KswapdEra.MOST_ZONES) {
            return false;
        }
        long all = 0;
        for (int zone = 0; zone <= end; zone++) {
            all += basis.zones.managed(zone);
        }
        return pagesOk > all / BALANCED_PART;
    }

    @Override
    public void save(StateWriter out) {
        super.save(out);
        out.putLongs(new long[] {scanned, reclaimed});
        out.putBoolean(mayWrite);
    }

    @Override
    public void restore(StateReader in) {
        super.restore(in);
        long[] values = in.getLongs();
        scanned = values[0];
        reclaimed = values[1];
        mayWrite = in.getBoolean();
    }
}

package org.kmemscope.reclaim;

import org.kmemscope.api.page.ZoneControl;
import org.kmemscope.api.page.ZoneControl.Mark;
import org.kmemscope.api.trace.TracePoint;

/**
 * kswapd of 4.8 and later ({@code balance_pgdat}); the rules are those of 6.1.
 *
 * <ol>
 *   <li>Balanced is the node when one zone that the request may use is above its high watermark, and has a block of the order.
 *   <li>Watermarks that were boosted against fragmentation are worked for when the node is balanced otherwise: without writing or
 *       swapping, until as many pages as the boosts are freed or nothing comes of it. At the end the boosts are taken off.
 *   <li>From priority 12 down to 1 the node is shrunk, until as many pages are freed as the high watermarks; less thorough when much was
 *       looked at.
 *   <li>A run that freed nothing is a failure. Unbalanced, it runs again at once, but after 16 failures it gives up and leaves the work to
 *       those who ask, until something is freed.
 *   <li>While kswapd works, per-CPU lists are kept short.
 * </ol>
 */
final class NodeKswapd extends Kswapd {
    /** {@code MAX_RECLAIM_RETRIES}. */
    static final int MOST_FAILURES = 16;

    private final NodeShrinker shrinker;
    private final ListShrinker lists;
    private final SwapArea swap;
    private final Disk disk;
    private final Kcompactd kcompactd;
    private final int mayWait;

    NodeKswapd(
            Basis basis,
            NodeState node,
            NodeShrinker shrinker,
            ListShrinker lists,
            SwapArea swap,
            Disk disk,
            Kcompactd kcompactd) {
        super(basis, node);
        this.shrinker = shrinker;
        this.lists = lists;
        this.swap = swap;
        this.disk = disk;
        this.kcompactd = kcompactd;
        mayWait = basis.mayWait;
    }

    @Override
    void wake(int zone, int wantedOrder, int highest, int requestGfp) {
        if (!basis.zones.isManaged(zone)) {
            return;
        }
        int newHighest = Math.max(isAwake() ? highestZone : 0, highest);
        int newOrder = Math.max(isAwake() ? order : 0, wantedOrder);
        if (isAwake()) {
            highestZone = newHighest;
            order = newOrder;
            return;
        }
        boolean content = isBalanced(wantedOrder, highest) && !isBoosted(highest);
        if (node.failures >= MOST_FAILURES || content) {
            // who cannot reclaim himself may still be helped by compaction in the background
            if ((requestGfp & mayWait) == 0) {
                kcompactd.wake(wantedOrder, highest);
            }
            return;
        }
        highestZone = newHighest;
        order = newOrder;
        if (basis.trace.on(TracePoint.MM_VMSCAN_WAKEUP_KSWAPD)) {
            basis.trace.fire(TracePoint.MM_VMSCAN_WAKEUP_KSWAPD, highest, wantedOrder, requestGfp);
        }
        wakeUp(zone);
    }

    /** {@code pgdat_balanced()}. */
    boolean isBalanced(int wantedOrder, int highest) {
        boolean none = true;
        for (int zone = 0; zone <= highest; zone++) {
            if (!basis.zones.isManaged(zone)) {
                continue;
            }
            none = false;
            long mark = basis.zones.mark(zone, Mark.HIGH);
            if (basis.zones.watermarkOk(zone, wantedOrder, mark, highest, ZoneControl.NO_FLAGS)) {
                return true;
            }
        }
        return none;
    }

    private boolean isBoosted(int highest) {
        for (int zone = highest; zone >= 0; zone--) {
            if (basis.zones.isManaged(zone) && basis.zones.boost(zone) > 0) {
                return true;
            }
        }
        return false;
    }

    @Override
    void work() {
        state = State.WOKEN;
        while (true) {
            long freed = balance();
            freedSinceWake += freed;
            boolean balanced = isBalanced(order, highestZone);
            if (node.failures >= MOST_FAILURES || balanced) {
                node.relax();
                kcompactd.wake(order, highestZone);
                sleep(balanced);
                return;
            }
            basis.counters.add(VmCounters.Event.KSWAPD_HIGH_WMARK_HIT_QUICKLY, 1);
            if (freed == 0 && disk.inFlight() > 0) {
                nap();
                return;
            }
        }
    }

    /** {@code balance_pgdat()}; pages freed. */
    private long balance() {
        basis.counters.add(VmCounters.Event.PAGEOUTRUN, 1);
        long[] boosts = new long[highestZone + 1];
        long boostLeft = 0;
        for (int zone = 0; zone <= highestZone; zone++) {
            boosts[zone] = basis.zones.boost(zone);
            boostLeft += boosts[zone];
        }
        boolean boosted = boostLeft > 0;
        setActive(true);
        ScanControl scan = new ScanControl(gfp, order, highestZone, true);
        boolean done = false;
        while (scan.priority >= 1) {
            long before = scan.reclaimed;
            boolean raise = true;
            boolean content = isBalanced(scan.order, highestZone);
            if (!content && boostLeft > 0) {
                boostLeft = 0;
                scan.priority = ScanControl.DEF_PRIORITY;
                continue;
            }
            if (content && boostLeft == 0) {
                done = true;
                break;
            }
            if (boostLeft > 0 && scan.priority == ScanControl.DEF_PRIORITY - 2) {
                raise = false;
            }
            scan.mayWrite = !basis.settings.is(Settings.LAPTOP_MODE) && boostLeft == 0
                    || scan.priority < ScanControl.DEF_PRIORITY - 2;
            scan.maySwap = boostLeft == 0;
            age(scan);
            scan.scanned = 0;
            raise &= !shrink(scan);
            long freed = scan.reclaimed - before;
            boostLeft -= Math.min(boostLeft, freed);
            if (boostLeft > 0 && freed == 0) {
                break;
            }
            if (raise || freed == 0) {
                scan.priority--;
            }
        }
        priority = scan.priority;
        if (!done && scan.reclaimed == 0) {
            node.failures++;
        }
        setActive(false);
        if (boosted) {
            endBoosts(boosts);
        }
        order = scan.order;
        return scan.reclaimed;
    }

    private void endBoosts(long[] boosts) {
        for (int zone = 0; zone < boosts.length; zone++) {
            basis.zones.lowerBoost(zone, boosts[zone]);
        }
        kcompactd.wake(basis.frames.pageblockOrder(), highestZone);
    }

    private void setActive(boolean active) {
        for (int zone = 0; zone <= highestZone; zone++) {
            if (basis.zones.isManaged(zone)) {
                basis.zones.setReclaimActive(zone, active);
            }
        }
    }

    private void age(ScanControl scan) {
        if (swap.total() > 0 && lists.inactiveIsLow(0, ListShrinker.ANON)) {
            lists.active(0, LruLists.ACTIVE_ANON, ScanControl.CLUSTER, scan);
        }
    }

    /** {@code kswapd_shrink_node()}: whether much was looked at. */
    private boolean shrink(ScanControl scan) {
        scan.wanted = 0;
        for (int zone = 0; zone <= highestZone; zone++) {
            if (basis.zones.isManaged(zone)) {
                scan.wanted += Math.max(basis.zones.mark(zone, Mark.HIGH), ScanControl.CLUSTER);
            }
        }
        shrinker.shrink(scan);
        if (scan.order > 0 && scan.reclaimed >= Compaction.gap(scan.order)) {
            scan.order = 0;
        }
        return scan.scanned >= scan.wanted;
    }
}

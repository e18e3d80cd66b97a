package org.kmemscope.reclaim;

import org.kmemscope.api.trace.TracePoint;

/**
 * Freeing memory on behalf of a request ({@code try_to_free_pages}): rounds from priority 12 to 0, until a cluster of pages is free.
 *
 * <p>Up to 4.7 each zone of the request is shrunk; one that was given up only at priority 12. After a round that looked at much more than it
 * freed the flusher is called; from priority 9 on the request sleeps a tenth of a second, so that pages get written. When nothing was freed:
 *
 * <ul>
 *   <li>up to 2.6.27 that counts as progress unless every zone was given up;
 *   <li>2.6.28 to 2.6.35 it is none;
 *   <li>2.6.36 to 4.5 it is progress as long as one zone is worth looking at.
 * </ul>
 *
 * <p>From 4.8 on the node is shrunk; costly orders end when compaction can start; if active lists were left alone and nothing came of it, all
 * is done again with them.
 */
final class DirectReclaim {
    /** {@code HZ/10}: how long a request naps. */
    private static final int NAP_PART = 10;

    private final Basis basis;
    private final ZoneShrinker zoneShrinker;
    private final NodeShrinker nodeShrinker;
    private final Shrinkers slabs;
    private final NodeState node;
    private final Flusher flusher;
    private final Disk disk;
    private final Reclaimable reclaimable;
    private final Throttle throttle;
    private final NodeShrinker.CompactionGate gate;

    DirectReclaim(
            Basis basis,
            ZoneShrinker zoneShrinker,
            NodeShrinker nodeShrinker,
            Shrinkers slabs,
            NodeState node,
            Flusher flusher,
            Disk disk,
            Reclaimable reclaimable,
            Throttle throttle,
            NodeShrinker.CompactionGate gate) {
        this.basis = basis;
        this.zoneShrinker = zoneShrinker;
        this.nodeShrinker = nodeShrinker;
        this.slabs = slabs;
        this.node = node;
        this.flusher = flusher;
        this.disk = disk;
        this.reclaimable = reclaimable;
        this.throttle = throttle;
        this.gate = gate;
    }

    /** Pages freed, or what counts as such. */
    long run(int gfp, int order, int highestZone) {
        if (basis.trace.on(TracePoint.MM_VMSCAN_DIRECT_RECLAIM_BEGIN)) {
            basis.trace.fire(TracePoint.MM_VMSCAN_DIRECT_RECLAIM_BEGIN, order, gfp);
        }
        boolean memalloc = basis.floor.context().setMemalloc(true);
        long freed;
        try {
            ScanControl scan = new ScanControl(gfp, order, highestZone, false);
            scan.mayWrite = !basis.settings.is(Settings.LAPTOP_MODE);
            freed = basis.rules.lists() == ReclaimRules.Lists.FOUR_BY_NODE ? byNode(scan) : byZone(scan);
        } finally {
            basis.floor.context().setMemalloc(memalloc);
        }
        if (basis.trace.on(TracePoint.MM_VMSCAN_DIRECT_RECLAIM_END)) {
            basis.trace.fire(TracePoint.MM_VMSCAN_DIRECT_RECLAIM_END, freed);
        }
        return freed;
    }

    // ---- 4.8 and later

    private long byNode(ScanControl scan) {
        long freed = roundsByNode(scan);
        if (freed == 0 && scan.skippedDeactivate) {
            scan.priority = ScanControl.DEF_PRIORITY;
            scan.forceDeactivate = true;
            scan.skippedDeactivate = false;
            freed = roundsByNode(scan);
        }
        return freed;
    }

    private long roundsByNode(ScanControl scan) {
        basis.counters.add(VmCounters.Zoned.ALLOCSTALL, scan.highestZone, 1);
        for (; scan.priority >= 0; scan.priority--) {
            scan.scanned = 0;
            if (compactionServes(scan)) {
                scan.compactionReady = true;
                break;
            }
            nodeShrinker.shrink(scan);
            if (scan.priority == 1 && scan.reclaimed == 0) {
                throttle.waitForWriters();
            }
            if (scan.reclaimed >= scan.wanted) {
                break;
            }
            if (scan.priority < ScanControl.DEF_PRIORITY - 2) {
                scan.mayWrite = true;
            }
        }
        return scan.reclaimed > 0 ? scan.reclaimed : scan.compactionReady ? 1 : 0;
    }

    /** {@code compaction_ready()}: every zone is left to compaction. */
    private boolean compactionServes(ScanControl scan) {
        if (!basis.rules.compaction() || scan.order <= Compaction.COSTLY_ORDER) {
            return false;
        }
        for (int zone = 0; zone <= scan.highestZone; zone++) {
            if (basis.zones.isManaged(zone) && !gate.ready(zone, scan.order, scan.highestZone)) {
                return false;
            }
        }
        return true;
    }

    // ---- up to 4.7

    private long byZone(ScanControl scan) {
        basis.counters.add(VmCounters.Zoned.ALLOCSTALL, scan.highestZone, 1);
        long lookedAt = 0;
        boolean givenUp = true;
        for (; scan.priority >= 0; scan.priority--) {
            scan.scanned = 0;
            givenUp = shrinkZones(scan);
            if (!basis.rules.slabByPriority()) {
                scan.reclaimed += slabs.shrinkByScan(scan.scanned, scan.gfp, lruPages(scan.highestZone));
            } else {
                scan.reclaimed += slabs.shrinkByPriority(scan.priority, scan.gfp);
            }
            lookedAt += scan.scanned;
            if (scan.reclaimed >= scan.wanted) {
                return scan.reclaimed;
            }
            if (lookedAt > scan.wanted + scan.wanted / 2) {
                flusher.wake(lookedAt);
                scan.mayWrite = true;
            }
            boolean worth = disk.inFlight() > 0 || flusher.hasWork();
            if (scan.scanned > 0 && scan.priority < ScanControl.DEF_PRIORITY - 2 && worth) {
                basis.host.sleep(Math.max(1, basis.hz() / NAP_PART));
            }
        }
        if (scan.reclaimed > 0) {
            return scan.reclaimed;
        }
        return switch (basis.rules.nothingFreed()) {
            case PROGRESS_UNLESS_GIVEN_UP -> givenUp ? 0 : 1;
            case NO_PROGRESS -> 0;
            case PROGRESS_IF_WORTH_SCANNING -> anyWorthScanning(scan.highestZone) ? 1 : 0;
        };
    }

    /** {@code shrink_zones()}; whether every zone was given up. */
    private boolean shrinkZones(ScanControl scan) {
        boolean givenUp = true;
        for (int zone = scan.highestZone; zone >= 0; zone--) {
            if (!basis.zones.isManaged(zone)) {
                continue;
            }
            if (node.isUnreclaimable(zone) && scan.priority != ScanControl.DEF_PRIORITY) {
                continue;
            }
            givenUp = false;
            zoneShrinker.shrink(zone, scan);
        }
        return givenUp;
    }

    private long lruPages(int highestZone) {
        long pages = 0;
        for (int zone = 0; zone <= highestZone; zone++) {
            for (int list = 0; list < LruLists.EVICTABLE; list++) {
                pages += basis.lru.countOfZone(zone, list);
            }
        }
        return pages;
    }

    private boolean anyWorthScanning(int highestZone) {
        for (int zone = 0; zone <= highestZone; zone++) {
            if (basis.zones.isManaged(zone) && node.isWorthScanning(zone, reclaimable.of(zone))) {
                return true;
            }
        }
        return false;
    }
}

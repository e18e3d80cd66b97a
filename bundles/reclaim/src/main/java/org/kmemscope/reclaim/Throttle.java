package org.kmemscope.reclaim;

/**
 * Makes requests that get nowhere wait while pages are written ({@code reclaim_throttle}, 5.16 and later): a tick, if more than half of what
 * can be reclaimed is dirty or being written, and kswapd has not given up.
 */
final class Throttle {
    private final Basis basis;
    private final NodeState node;
    private final Reclaimable reclaimable;
    private final DirtyPages dirty;
    private final Disk disk;

    Throttle(Basis basis, NodeState node, Reclaimable reclaimable, DirtyPages dirty, Disk disk) {
        this.basis = basis;
        this.node = node;
        this.reclaimable = reclaimable;
        this.dirty = dirty;
        this.disk = disk;
    }

    /** {@code VMSCAN_THROTTLE_NOPROGRESS}, {@code VMSCAN_THROTTLE_CONGESTED}. */
    void waitForWriters() {
        if (node.failures < NodeKswapd.MOST_FAILURES && 2 * (dirty.count() + disk.inFlight()) > reclaimable.all()) {
            basis.host.sleep(1);
        }
    }
}

package org.kmemscope.reclaim;

import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * What reclaim remembers of the node and its zones ({@code pglist_data}, the reclaim part of {@code zone}).
 *
 * <p>Up to 4.7 a zone counts the pages that were looked at since a page of it was freed; if that is many times what it has, it is given
 * up until one is freed.
 */
final class NodeState implements Stateful {
    /** A zone is given up when its pages were looked at so many times without one being freed. */
    private static final int GIVE_UP = 6;

    private final Basis basis;
    /** kswapd met nothing but dirty pages that nobody writes ({@code PGDAT_DIRTY}). */
    boolean muchDirty;
    /** kswapd met nothing but pages being written ({@code PGDAT_WRITEBACK}). */
    boolean muchWriteback;
    /** kswapd met nothing but pages that it had met before, and that are still being written ({@code LRUVEC_CONGESTED}). */
    boolean congested;
    /** Runs of kswapd in a row that freed nothing ({@code kswapd_failures}). */
    int failures;

    private final long[] scanned;
    private final boolean[] unreclaimable;
    private final long[] freesSeen;

    NodeState(Basis basis) {
        this.basis = basis;
        int zones = basis.zones.zoneCount();
        scanned = new long[zones];
        unreclaimable = new boolean[zones];
        freesSeen = new long[zones];
    }

    /** A page that was freed since the last look gives the zone another chance. */
    private void look(int zone) {
        long frees = basis.zones.frees(zone);
        if (frees != freesSeen[zone]) {
            freesSeen[zone] = frees;
            scanned[zone] = 0;
            unreclaimable[zone] = false;
        }
    }

    void scanned(int zone, long pages) {
        look(zone);
        scanned[zone] += pages;
    }

    /** {@code zone->pages_scanned}. */
    long pagesScanned(int zone) {
        look(zone);
        return scanned[zone];
    }

    /** {@code zone->all_unreclaimable}. */
    boolean isUnreclaimable(int zone) {
        look(zone);
        return unreclaimable[zone];
    }

    /** The node is balanced: what was met does not matter any more ({@code clear_pgdat_congested()}). */
    void relax() {
        muchDirty = false;
        muchWriteback = false;
        congested = false;
    }

    void giveUp(int zone) {
        look(zone);
        unreclaimable[zone] = true;
    }

    /** {@code zone_reclaimable()}: whether looking on has a point. */
    boolean isWorthScanning(int zone, long reclaimablePages) {
        return pagesScanned(zone) < reclaimablePages * GIVE_UP;
    }

    @Override
    public void save(StateWriter out) {
        out.putBoolean(muchDirty);
        out.putBoolean(muchWriteback);
        out.putBoolean(congested);
        out.putInt(failures);
        out.putLongs(scanned);
        out.putLongs(freesSeen);
        for (boolean given : unreclaimable) {
            out.putBoolean(given);
        }
    }

    @Override
    public void restore(StateReader in) {
        muchDirty = in.getBoolean();
        muchWriteback = in.getBoolean();
        congested = in.getBoolean();
        failures = in.getInt();
        System.arraycopy(in.getLongs(), 0, scanned, 0, scanned.length);
        System.arraycopy(in.getLongs(), 0, freesSeen, 0, freesSeen.length);
        for (int zone = 0; zone < unreclaimable.length; zone++) {
            unreclaimable[zone] = in.getBoolean();
        }
    }
}

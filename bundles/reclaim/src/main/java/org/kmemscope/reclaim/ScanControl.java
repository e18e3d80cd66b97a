package org.kmemscope.reclaim;

/** What one round of reclaim works for, and what came of it ({@code struct scan_control}). */
final class ScanControl {
    /** {@code DEF_PRIORITY}: a round looks at one page of {@code 2^priority}; 0 looks at all. */
    static final int DEF_PRIORITY = 12;

    /** {@code SWAP_CLUSTER_MAX}: pages looked at together. */
    static final int CLUSTER = 32;

    final int gfp;
    int order;
    /** Index of the highest zone whose pages are of use. */
    final int highestZone;

    final boolean kswapd;
    int priority = DEF_PRIORITY;
    long wanted = CLUSTER;
    boolean mayWrite = true;
    boolean maySwap = true;
    /** Ages active lists even if the inactive ones are long enough. */
    boolean forceDeactivate;
    /** An active list was left alone. */
    boolean skippedDeactivate;
    /** Compaction could serve the request now: no more need be freed. */
    boolean compactionReady;

    long scanned;
    long reclaimed;

    // of the round, pages: dirty or being written; dirty and nobody writes them; met again while being written
    long dirty;
    long unqueuedDirty;
    long congested;
    // being written, and those of them that came round the whole list; all; those of files
    long writeback;
    long immediate;
    long taken;
    long fileTaken;

    ScanControl(int gfp, int order, int highestZone, boolean kswapd) {
        this.gfp = gfp;
        this.order = order;
        this.highestZone = highestZone;
        this.kswapd = kswapd;
    }

    boolean has(int flag) {
        return (gfp & flag) != 0;
    }

    void forgetRound() {
        dirty = 0;
        unqueuedDirty = 0;
        congested = 0;
        writeback = 0;
        immediate = 0;
        taken = 0;
        fileTaken = 0;
    }
}

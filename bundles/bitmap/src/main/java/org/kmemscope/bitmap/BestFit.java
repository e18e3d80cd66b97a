package org.kmemscope.bitmap;

import org.kmemscope.api.zone.FreeAreas;

/**
 * Which free frames serve a request.
 *
 * <p>A <em>run</em> is a row of adjacent frames whose bits are set, as long as it can be. It fits an order if it contains a block of {@code
 * 2^order} frames that begins at a multiple of {@code 2^order}.
 *
 * <p>Best fit: of the runs that fit, the shortest; of equal ones, the one at the lowest address; in it, the block at the lowest address. So
 * large runs stay whole as long as small ones serve. A search is linear in the zone, 64 frames at a step, and ends early at a run
 * of exactly the size.
 */
final class BestFit {
    private static final int NONE = FreeAreas.NONE;

    private BestFit() {}

    /** First frame of the block in the shortest run that fits, or NONE. */
    static int shortest(FrameBitmap free, int startPfn, int endPfn, int order) {
        int size = 1 << order;
        int best = NONE;
        int bestLength = Integer.MAX_VALUE;
        for (int pfn = free.nextSet(startPfn); pfn < endPfn && bestLength > size; ) {
            int end = free.nextClear(pfn);
            int block = aligned(pfn, size);
            if (end - pfn < bestLength && block + size <= end) {
                best = block;
                bestLength = end - pfn;
            }
            pfn = free.nextSet(end);
        }
        return best;
    }

    /** First frame of the block in the longest run, or NONE. */
    static int longest(FrameBitmap free, int startPfn, int endPfn, int order) {
        int size = 1 << order;
        int best = NONE;
        int bestLength = 0;
        for (int pfn = free.nextSet(startPfn); pfn < endPfn; ) {
            int end = free.nextClear(pfn);
            int block = aligned(pfn, size);
            if (end - pfn > bestLength && block + size <= end) {
                best = block;
                bestLength = end - pfn;
            }
            pfn = free.nextSet(end);
        }
        return best;
    }

    private static int aligned(int pfn, int size) {
        return pfn + size - 1 & -size;
    }
}

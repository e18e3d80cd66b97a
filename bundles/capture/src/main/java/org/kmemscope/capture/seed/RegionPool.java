package org.kmemscope.capture.seed;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;

/**
 * Room for free blocks: aligned regions of frames, and a way to take blocks out of them so that no two free buddies stay unmerged.
 *
 * <p>Terms: a <em>region</em> of order r is {@code 2^r} frames from a multiple of {@code 2^r}. An <em>open</em> region has nothing in it
 * yet. It is <em>flagged</em> if its buddy was taken as a whole: then it must not be taken as a whole too, since the two would be one free
 * block; parts of it may be.
 *
 * <pre>
 *   taking order 0 from an open region of order 3:
 *      ┌───────────────┐        ┌───────┬───┬─┬─┐
 *      │       3       │   →    │   2   │ 1 │f│x│    x taken, f flagged, 1 and 2 open
 *      └───────────────┘        └───────┴───┴─┴─┘
 * </pre>
 *
 * <ol>
 *   <li>{@link #add} cuts a range of frames into the largest regions that fit.
 *   <li>{@link #take} uses the smallest open region that will do, and splits it down to the order that is wanted. Of regions of the same
 *       order it prefers the highest or the lowest.
 *   <li>Blocks must be taken largest first: then this finds a place for all of them whenever there is one.
 * </ol>
 */
final class RegionPool {
    private final int largest;
    private final List<TreeSet<Integer>> open = new ArrayList<>();
    private final BitSet flagged = new BitSet();

    /**
     * @param largest order of the largest region; two adjacent ones of it are not one block
     */
    RegionPool(int largest) {
        this.largest = largest;
        for (int order = 0; order <= largest; order++) {
            open.add(new TreeSet<>());
        }
    }

    /** A copy to try something with. */
    RegionPool copy() {
        RegionPool copy = new RegionPool(largest);
        for (int order = 0; order <= largest; order++) {
            copy.open.get(order).addAll(open.get(order));
        }
        copy.flagged.or(flagged);
        return copy;
    }

    /** Adds the frames of a set that lie in {@code [start, end)}. */
    void add(BitSet frames, int start, int end) {
        int pfn = frames.nextSetBit(start);
        while (pfn >= 0 && pfn < end) {
            int stop = Math.min(end, frames.nextClearBit(pfn));
            while (pfn < stop) {
                int order = Math.min(largest, pfn == 0 ? largest : Integer.numberOfTrailingZeros(pfn));
                while (pfn + (1 << order) > stop) {
                    order--;
                }
                open.get(order).add(pfn);
                pfn += 1 << order;
            }
            pfn = frames.nextSetBit(pfn);
        }
    }

    /** Takes over what is open in another pool. */
    void addAll(RegionPool other) {
        for (int order = 0; order <= Math.min(largest, other.largest); order++) {
            open.get(order).addAll(other.open.get(order));
        }
        flagged.or(other.flagged);
    }

    /**
     * Takes a block.
     *
     * @param highest whether the highest or the lowest place is preferred
     * @return its first frame, or -1 if there is no room for it
     */
    int take(int order, boolean highest) {
        for (int from = order; from <= largest; from++) {
            int region = pick(from, order, highest);
            if (region >= 0) {
                open.get(from).remove(region);
                return split(region, from, order);
            }
        }
        return -1;
    }

    private int pick(int from, int order, boolean highest) {
        TreeSet<Integer> regions = open.get(from);
        for (int region : highest ? regions.descendingSet() : regions) {
            if (from > order || !flagged.get(region)) {
                return region;
            }
        }
        return -1;
    }

    /** Keeps the lower half at each step; the upper halves are open from now on, the last of them flagged. */
    private int split(int region, int from, int order) {
        flagged.clear(region);
        for (int half = from - 1; half >= order; half--) {
            open.get(half).add(region + (1 << half));
        }
        int buddy = region ^ 1 << order;
        if (order < largest && open.get(order).contains(buddy)) {
            flagged.set(buddy);
        }
        return region;
    }

    /** The frames that are still open. */
    BitSet left() {
        BitSet frames = new BitSet();
        for (int order = 0; order <= largest; order++) {
            for (int region : open.get(order)) {
                frames.set(region, region + (1 << order));
            }
        }
        return frames;
    }
}

package org.kmemscope.dma;

import java.util.BitSet;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Which pages of a fixed range are taken. Two of Linux's ways to divide such a range are here, and the one they replaced:
 *
 * <pre>
 *   LOWEST           consistent region of ARM up to 2.6.36: the lowest gap that fits, not aligned
 *   HIGHEST_ALIGNED  the same region since (arm_vmregion_alloc), and the atomic pool of 3.5:
 *                    the highest place that fits, aligned to the size rounded up to a power of two
 *   LOWEST_ALIGNED   the atomic pool from 3.6 on (bitmap_find_next_zero_area, gen_pool_first_fit_order_align):
 *                    the lowest place, aligned likewise, counted from the begin of the range
 * </pre>
 *
 * <p>An alignment beyond {@code mostAlign} pages is cut to that. Search is linear in the number of pages; there are few hundred.
 */
final class SpanMap implements Stateful {
    /** There is no gap that fits. */
    static final int NONE = -1;

    private final int pages;
    private final Placement placement;
    private final int mostAlign;
    private BitSet taken = new BitSet();

    /** Where in the range a span is put. */
    enum Placement {
        /** The lowest gap. */
        LOWEST,
        /** The lowest aligned place. */
        LOWEST_ALIGNED,
        /** The highest aligned place. */
        HIGHEST_ALIGNED
    }

    SpanMap(int pages, Placement placement, int mostAlign) {
        this.pages = pages;
        this.placement = placement;
        this.mostAlign = mostAlign;
    }

    int size() {
        return pages;
    }

    int takenPages() {
        return taken.cardinality();
    }

    boolean isTaken(int page) {
        return taken.get(page);
    }

    /** Takes pages in a row: the first, or {@link #NONE}. */
    int take(int count) {
        if (count < 1 || count > pages) {
            return NONE;
        }
        int align = placement == Placement.LOWEST ? 1 : Math.min(mostAlign, 1 << Orders.ofPages(count));
        int first = placement == Placement.HIGHEST_ALIGNED ? highest(count, align) : lowest(count, align);
        if (first != NONE) {
            taken.set(first, first + count);
        }
        return first;
    }

    private int lowest(int count, int align) {
        int first = 0;
        while (first + count <= pages) {
            int busy = taken.nextSetBit(first);
            if (busy < 0 || busy >= first + count) {
                return first;
            }
            first = (taken.nextClearBit(busy) + align - 1) & -align;
        }
        return NONE;
    }

    private int highest(int count, int align) {
        int first = (pages - count) & -align;
        while (first >= 0) {
            int busy = taken.previousSetBit(first + count - 1);
            if (busy < first) {
                return first;
            }
            int gapEnd = taken.previousClearBit(busy) + 1;
            first = gapEnd < count ? NONE : (gapEnd - count) & -align;
        }
        return NONE;
    }

    /** Gives pages back. */
    void give(int first, int count) {
        taken.clear(first, first + count);
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(taken.toLongArray());
    }

    @Override
    public void restore(StateReader in) {
        taken = BitSet.valueOf(in.getLongs());
    }
}

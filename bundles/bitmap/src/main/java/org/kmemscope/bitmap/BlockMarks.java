package org.kmemscope.bitmap;

import java.util.Arrays;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Free frames as everybody else sees them: in blocks of {@code 2^order} frames that begin at multiples of their size, marked at their first
 * frame. Other engines can be built from them, and {@code /proc/buddyinfo} counts them.
 *
 * <pre>
 *   first frame of a block    PG_buddy, private: | type (8) | order (8) |
 * </pre>
 */
final class BlockMarks implements Stateful {
    private static final int BUDDY = PageFlag.BUDDY.bit();
    private static final int TYPE_SHIFT = 8;

    private final PageFrames frames;
    private final int startPfn;
    private final int endPfn;
    private final int orders;
    private final int types;
    private final int[] counts;
    private final int[] byOrder;
    /** No block of an order and type begins below. */
    private final int[] lowest;

    BlockMarks(PageFrames frames, int startPfn, int endPfn, int orders, int types) {
        this.frames = frames;
        this.startPfn = startPfn;
        this.endPfn = endPfn;
        this.orders = orders;
        this.types = types;
        counts = new int[orders * types];
        byOrder = new int[orders];
        lowest = new int[orders * types];
        Arrays.fill(lowest, startPfn);
    }

    /** Whether a block begins with a frame. */
    boolean isBlock(int pfn) {
        return (frames.flags(pfn) & BUDDY) != 0;
    }

    /** Whether a block of an order begins with a frame of the zone. */
    boolean isBlock(int pfn, int order) {
        return pfn >= startPfn && pfn < endPfn && isBlock(pfn) && orderOf(pfn) == order;
    }

    int orderOf(int pfn) {
        return frames.buddyOrder(pfn);
    }

    int typeOf(int pfn) {
        return frames.privateData(pfn) >>> TYPE_SHIFT;
    }

    /** The first frame of the block that a free frame is in. */
    int blockOf(int pfn) {
        int order = 0;
        int head = pfn;
        while (head < startPfn || !isBlock(head) || orderOf(head) < order) {
            if (++order == orders) {
                throw new IllegalStateException(String.format("free frame 0x%x is in no block", pfn));
            }
            head = pfn & -(1 << order);
        }
        return head;
    }

    int count(int order) {
        return byOrder[order];
    }

    int count(int order, int type) {
        return counts[order * types + type];
    }

    void mark(int pfn, int order, int type) {
        int list = order * types + type;
        frames.setFlags(pfn, frames.flags(pfn) | BUDDY);
        frames.setPrivateData(pfn, order | type << TYPE_SHIFT);
        counts[list]++;
        byOrder[order]++;
        lowest[list] = Math.min(lowest[list], pfn);
    }

    /** Takes the mark off a block; its type stays in {@code page->private}. */
    void unmark(int pfn) {
        int order = orderOf(pfn);
        int type = typeOf(pfn);
        frames.setFlags(pfn, frames.flags(pfn) & ~BUDDY);
        frames.setPrivateData(pfn, type);
        counts[order * types + type]--;
        byOrder[order]--;
    }

    /** The first block of an order and type from the lowest address on, or NONE. */
    int first(FrameBitmap free, int order, int type) {
        int list = order * types + type;
        if (counts[list] == 0) {
            return PageFrames.NONE;
        }
        int from = lowest[list];
        if (free.isSet(from) && !isBlock(from)) {
            // what began there has become part of a larger block
            int head = blockOf(from);
            from = head + (1 << orderOf(head));
        }
        lowest[list] = next(free, from, order);
        return lowest[list];
    }

    /** The next block of an order from a frame on that is not within a block, or NONE. */
    int next(FrameBitmap free, int from, int order) {
        int pfn = free.nextSet(from);
        while (pfn < endPfn) {
            int blockOrder = orderOf(pfn);
            if (blockOrder == order) {
                return pfn;
            }
            pfn = free.nextSet(pfn + (1 << blockOrder));
        }
        return PageFrames.NONE;
    }

    void clear() {
        Arrays.fill(counts, 0);
        Arrays.fill(byOrder, 0);
        Arrays.fill(lowest, startPfn);
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(counts);
        out.putInts(byOrder);
        out.putInts(lowest);
    }

    @Override
    public void restore(StateReader in) {
        System.arraycopy(in.getInts(), 0, counts, 0, counts.length);
        System.arraycopy(in.getInts(), 0, byOrder, 0, byOrder.length);
        System.arraycopy(in.getInts(), 0, lowest, 0, lowest.length);
    }
}

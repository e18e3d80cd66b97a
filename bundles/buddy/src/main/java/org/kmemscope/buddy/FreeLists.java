package org.kmemscope.buddy;

import org.kmemscope.api.phys.FrameLists;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/**
 * {@code struct free_area}: for each order and migrate type a list of free blocks, linked through the {@code struct page} of their
 * first frames: list {@code order * types + type} of {@link FrameLists}.
 *
 * <p>A block on a list has {@code PG_buddy}, its order and the type of its list in {@code page->private}. The type is normally its
 * pageblock's, but need not be.
 */
final class FreeLists {
    private static final int BUDDY = PageFlag.BUDDY.bit();
    private static final int TYPE_SHIFT = 8;
    private static final int ORDER_MASK = (1 << TYPE_SHIFT) - 1;

    private final PageFrames frames;
    private final int orders;
    private final int types;
    private final FrameLists lists;
    private final int[] byOrder;

    FreeLists(PageFrames frames, int orders, int types) {
        this.frames = frames;
        this.orders = orders;
        this.types = types;
        lists = new FrameLists(frames, orders * types);
        byOrder = new int[orders];
    }

    int orders() {
        return orders;
    }

    int types() {
        return types;
    }

    int first(int order, int type) {
        return lists.first(order * types + type);
    }

    int next(int pfn) {
        return frames.next(pfn);
    }

    int count(int order) {
        return byOrder[order];
    }

    int count(int order, int type) {
        return lists.length(order * types + type);
    }

    boolean isEmpty(int order, int type) {
        return lists.isEmpty(order * types + type);
    }

    boolean isFree(int pfn) {
        return (frames.flags(pfn) & BUDDY) != 0;
    }

    int orderOf(int pfn) {
        return frames.privateData(pfn) & ORDER_MASK;
    }

    int typeOf(int pfn) {
        return frames.privateData(pfn) >>> TYPE_SHIFT;
    }

    void addFirst(int pfn, int order, int type) {
        lists.addFirst(order * types + type, pfn);
        mark(pfn, order, type);
    }

    void addLast(int pfn, int order, int type) {
        lists.addLast(order * types + type, pfn);
        mark(pfn, order, type);
    }

    private void mark(int pfn, int order, int type) {
        frames.setFlags(pfn, frames.flags(pfn) | BUDDY);
        frames.setPrivateData(pfn, order | type << TYPE_SHIFT);
        byOrder[order]++;
    }

    /** Takes a block off its list; the type of that list stays in {@code page->private}. */
    void remove(int pfn) {
        int order = orderOf(pfn);
        int type = typeOf(pfn);
        lists.remove(order * types + type, pfn);
        frames.setFlags(pfn, frames.flags(pfn) & ~BUDDY);
        frames.setPrivateData(pfn, type);
        byOrder[order]--;
    }

    /** Takes every block off. */
    void clear() {
        for (int list = 0; list < lists.lists(); list++) {
            for (int pfn = lists.first(list); pfn != FrameLists.NONE; ) {
                int next = frames.next(pfn);
                remove(pfn);
                pfn = next;
            }
        }
    }

    void save(StateWriter out) {
        lists.save(out);
        out.putInts(byOrder);
    }

    void restore(StateReader in) {
        lists.restore(in);
        System.arraycopy(in.getInts(), 0, byOrder, 0, byOrder.length);
    }
}

package org.kmemscope.buddy;

import java.util.Arrays;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/**
 * {@code struct free_area}: for each order and migrate type a list of free blocks, linked through the {@code struct page} of their
 * first frames.
 *
 * <pre>
 *   list = order * types + type      head[list] ⇄ block ⇄ block ⇄ tail[list]
 * </pre>
 *
 * <p>A block on a list has {@code PG_buddy}, its order and the type of its list in {@code page->private}. The type is normally its
 * pageblock's, but need not be.
 */
final class FreeLists {
    private static final int NONE = PageFrames.NONE;
    private static final int BUDDY = PageFlag.BUDDY.bit();
    private static final int TYPE_SHIFT = 8;
    private static final int ORDER_MASK = (1 << TYPE_SHIFT) - 1;

    private final PageFrames frames;
    private final int orders;
    private final int types;
    private final int[] head;
    private final int[] tail;
    private final int[] length;
    private final int[] byOrder;

    FreeLists(PageFrames frames, int orders, int types) {
        this.frames = frames;
        this.orders = orders;
        this.types = types;
        head = new int[orders * types];
        tail = new int[orders * types];
        length = new int[orders * types];
        byOrder = new int[orders];
        Arrays.fill(head, NONE);
        Arrays.fill(tail, NONE);
    }

    int orders() {
        return orders;
    }

    int types() {
        return types;
    }

    int first(int order, int type) {
        return head[order * types + type];
    }

    int next(int pfn) {
        return frames.next(pfn);
    }

    int count(int order) {
        return byOrder[order];
    }

    int count(int order, int type) {
        return length[order * types + type];
    }

    boolean isEmpty(int order, int type) {
        return head[order * types + type] == NONE;
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
        int list = order * types + type;
        int next = head[list];
        frames.setNext(pfn, next);
        frames.setPrev(pfn, NONE);
        head[list] = pfn;
        if (next == NONE) {
            tail[list] = pfn;
        } else {
            frames.setPrev(next, pfn);
        }
        mark(pfn, order, type);
    }

    void addLast(int pfn, int order, int type) {
        int list = order * types + type;
        int prev = tail[list];
        frames.setNext(pfn, NONE);
        frames.setPrev(pfn, prev);
        tail[list] = pfn;
        if (prev == NONE) {
            head[list] = pfn;
        } else {
            frames.setNext(prev, pfn);
        }
        mark(pfn, order, type);
    }

    private void mark(int pfn, int order, int type) {
        frames.setFlags(pfn, frames.flags(pfn) | BUDDY);
        frames.setPrivateData(pfn, order | type << TYPE_SHIFT);
        length[order * types + type]++;
        byOrder[order]++;
    }

    /** Takes a block off its list; the type of that list stays in {@code page->private}. */
    void remove(int pfn) {
        int order = orderOf(pfn);
        int type = typeOf(pfn);
        int list = order * types + type;
        int next = frames.next(pfn);
        int prev = frames.prev(pfn);
        if (prev == NONE) {
            head[list] = next;
        } else {
            frames.setNext(prev, next);
        }
        if (next == NONE) {
            tail[list] = prev;
        } else {
            frames.setPrev(next, prev);
        }
        frames.setFlags(pfn, frames.flags(pfn) & ~BUDDY);
        frames.setPrivateData(pfn, type);
        length[list]--;
        byOrder[order]--;
    }

    /** Takes every block off. */
    void clear() {
        for (int list = 0; list < head.length; list++) {
            for (int pfn = head[list]; pfn != NONE; ) {
                int next = frames.next(pfn);
                remove(pfn);
                pfn = next;
            }
        }
    }

    void save(StateWriter out) {
        out.putInts(head);
        out.putInts(tail);
        out.putInts(length);
        out.putInts(byOrder);
    }

    void restore(StateReader in) {
        copy(in.getInts(), head);
        copy(in.getInts(), tail);
        copy(in.getInts(), length);
        copy(in.getInts(), byOrder);
    }

    private static void copy(int[] from, int[] to) {
        System.arraycopy(from, 0, to, 0, to.length);
    }
}

package org.kmemscope.slob;

import java.util.Arrays;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The lists of pages that have free units ({@code free_slob_small}, {@code _medium}, {@code _large}), linked through their
 * {@code struct page}. A page on a list has {@code PG_slob_free}, which is {@code PG_private} under another name.
 *
 * <pre>
 *   first ⇄ page ⇄ page ⇄ last        Linux links them in a ring with the head of the list between last and first: to let the
 *                                     next search start at a page, it moves the head to just before it, and the ring is the same
 * </pre>
 */
final class PageLists implements Stateful {
    private static final int NONE = PageFrames.NONE;
    private static final int FREE = PageFlag.PRIVATE.bit();

    private final PageFrames frames;
    private final int[] first;
    private final int[] last;

    PageLists(PageFrames frames, int lists) {
        this.frames = frames;
        first = new int[lists];
        last = new int[lists];
        Arrays.fill(first, NONE);
        Arrays.fill(last, NONE);
    }

    int count() {
        return first.length;
    }

    int first(int list) {
        return first[list];
    }

    int last(int list) {
        return last[list];
    }

    int next(int pfn) {
        return frames.next(pfn);
    }

    int previous(int pfn) {
        return frames.prev(pfn);
    }

    /** {@code slob_page_free()}: whether a page is on any list. */
    boolean holds(int pfn) {
        return (frames.flags(pfn) & FREE) != 0;
    }

    void addFirst(int list, int pfn) {
        int second = first[list];
        link(list, NONE, pfn);
        link(list, pfn, second);
        frames.setFlags(pfn, frames.flags(pfn) | FREE);
    }

    void remove(int pfn) {
        int before = frames.prev(pfn);
        int after = frames.next(pfn);
        int list = before != NONE && after != NONE ? 0 : listWithEnd(pfn);
        link(list, before, after);
        frames.setFlags(pfn, frames.flags(pfn) & ~FREE);
        frames.setNext(pfn, 0);
        frames.setPrev(pfn, 0);
    }

    /** The list that begins or ends with a page. */
    private int listWithEnd(int pfn) {
        int list = 0;
        while (first[list] != pfn && last[list] != pfn) {
            list++;
        }
        return list;
    }

    /** Lets a list begin with one of its pages: those before it follow behind the last. */
    void rotate(int list, int pfn) {
        if (first[list] == pfn) {
            return;
        }
        int oldFirst = first[list];
        int oldLast = last[list];
        int newLast = frames.prev(pfn);
        frames.setNext(oldLast, oldFirst);
        frames.setPrev(oldFirst, oldLast);
        link(list, NONE, pfn);
        link(list, newLast, NONE);
    }

    /** Makes two pages neighbours; NONE before the first and behind the last. */
    private void link(int list, int before, int after) {
        if (before == NONE) {
            first[list] = after;
        } else {
            frames.setNext(before, after);
        }
        if (after == NONE) {
            last[list] = before;
        } else {
            frames.setPrev(after, before);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(first);
        out.putInts(last);
    }

    @Override
    public void restore(StateReader in) {
        System.arraycopy(in.getInts(), 0, first, 0, first.length);
        System.arraycopy(in.getInts(), 0, last, 0, last.length);
    }
}

package org.kmemscope.api.phys;

import java.util.Arrays;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Lists of page frames, linked through {@code page->lru} as Linux's {@code list_head}s are: free areas, per-CPU lists, LRU lists. A frame
 * is on one list at most, and its owner keeps in mind on which. Nothing is allocated after construction.
 *
 * <pre>
 *   first(list) ⇄ pfn ⇄ pfn ⇄ last(list)
 * </pre>
 */
public final class FrameLists implements Stateful {
    /** No frame. */
    public static final int NONE = PageFrames.NONE;

    private final PageFrames frames;
    private final int[] head;
    private final int[] tail;
    private final int[] length;

    /**
     * Empty lists.
     *
     * @param lists how many; they are numbered from 0
     */
    public FrameLists(PageFrames frames, int lists) {
        this.frames = frames;
        head = new int[lists];
        tail = new int[lists];
        length = new int[lists];
        Arrays.fill(head, NONE);
        Arrays.fill(tail, NONE);
    }

    /** How many lists there are. */
    public int lists() {
        return head.length;
    }

    /** Frames on a list. */
    public int length(int list) {
        return length[list];
    }

    /** The pfn at the head of a list, or {@link #NONE}. */
    public int first(int list) {
        return head[list];
    }

    /** The pfn at the tail of a list, or {@link #NONE}. */
    public int last(int list) {
        return tail[list];
    }

    /** The pfn after one that is on a list, or {@link #NONE}. */
    public int next(int pfn) {
        return frames.next(pfn);
    }

    /** The pfn before one that is on a list, or {@link #NONE}. */
    public int prev(int pfn) {
        return frames.prev(pfn);
    }

    /** Whether a list has no frame. */
    public boolean isEmpty(int list) {
        return head[list] == NONE;
    }

    /** {@code list_add()}: puts a frame that is on no list at the head of one. */
    public void addFirst(int list, int pfn) {
        int next = head[list];
        frames.setNext(pfn, next);
        frames.setPrev(pfn, NONE);
        head[list] = pfn;
        if (next == NONE) {
            tail[list] = pfn;
        } else {
            frames.setPrev(next, pfn);
        }
        length[list]++;
    }

    /** {@code list_add_tail()}: puts a frame that is on no list at the tail of one. */
    public void addLast(int list, int pfn) {
        int prev = tail[list];
        frames.setNext(pfn, NONE);
        frames.setPrev(pfn, prev);
        tail[list] = pfn;
        if (prev == NONE) {
            head[list] = pfn;
        } else {
            frames.setNext(prev, pfn);
        }
        length[list]++;
    }

    /** {@code list_del()}: takes a frame off the list it is on. Its own links stay as they were. */
    public void remove(int list, int pfn) {
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
        length[list]--;
    }

    /** Forgets what is on the lists; the links of the frames stay as they were. */
    public void clear() {
        Arrays.fill(head, NONE);
        Arrays.fill(tail, NONE);
        Arrays.fill(length, 0);
    }

    /** The pfns of a list, in its order. */
    public int[] pfns(int list) {
        int[] pfns = new int[length[list]];
        int at = 0;
        for (int pfn = head[list]; pfn != NONE; pfn = frames.next(pfn)) {
            pfns[at++] = pfn;
        }
        return pfns;
    }

    /** Saves the ends of the lists; the links are the frames'. */
    @Override
    public void save(StateWriter out) {
        out.putInts(head);
        out.putInts(tail);
        out.putInts(length);
    }

    @Override
    public void restore(StateReader in) {
        System.arraycopy(in.getInts(), 0, head, 0, head.length);
        System.arraycopy(in.getInts(), 0, tail, 0, tail.length);
        System.arraycopy(in.getInts(), 0, length, 0, length.length);
    }
}

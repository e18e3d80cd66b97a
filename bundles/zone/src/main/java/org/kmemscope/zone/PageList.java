package org.kmemscope.zone;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/** Lists of pages linked through {@code page->lru}, as many as one set of per-CPU lists has. Pages on one have {@link PageFlag#PCP}. */
final class PageList {
    static final int NONE = PageFrames.NONE;
    private static final int PCP = PageFlag.PCP.bit();

    private final PageFrames frames;
    private final int[] head;
    private final int[] tail;
    private final int[] length;

    PageList(PageFrames frames, int lists) {
        this.frames = frames;
        head = new int[lists];
        tail = new int[lists];
        length = new int[lists];
        Arrays.fill(head, NONE);
        Arrays.fill(tail, NONE);
    }

    int lists() {
        return head.length;
    }

    int length(int list) {
        return length[list];
    }

    int first(int list) {
        return head[list];
    }

    int last(int list) {
        return tail[list];
    }

    int next(int pfn) {
        return frames.next(pfn);
    }

    boolean isEmpty(int list) {
        return head[list] == NONE;
    }

    void addFirst(int list, int pfn, int type) {
        int next = head[list];
        frames.setNext(pfn, next);
        frames.setPrev(pfn, NONE);
        head[list] = pfn;
        if (next == NONE) {
            tail[list] = pfn;
        } else {
            frames.setPrev(next, pfn);
        }
        added(list, pfn, type);
    }

    void addLast(int list, int pfn, int type) {
        int prev = tail[list];
        frames.setNext(pfn, NONE);
        frames.setPrev(pfn, prev);
        tail[list] = pfn;
        if (prev == NONE) {
            head[list] = pfn;
        } else {
            frames.setNext(prev, pfn);
        }
        added(list, pfn, type);
    }

    private void added(int list, int pfn, int type) {
        frames.setFlags(pfn, frames.flags(pfn) | PCP);
        frames.setPrivateData(pfn, type);
        length[list]++;
    }

    /** Takes a page off the list it is on; the type it came with stays in {@code page->private}. */
    void remove(int list, int pfn) {
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
        frames.setFlags(pfn, frames.flags(pfn) & ~PCP);
        length[list]--;
    }

    int[] pfns(int list) {
        int[] pfns = new int[length[list]];
        int at = 0;
        for (int pfn = head[list]; pfn != NONE; pfn = frames.next(pfn)) {
            pfns[at++] = pfn;
        }
        return pfns;
    }

    /** Every list that is not empty, with the type each page came with. */
    List<PageState.PcpList> contents() {
        List<PageState.PcpList> filled = new ArrayList<>();
        for (int list = 0; list < head.length; list++) {
            if (!isEmpty(list)) {
                int[] pfns = pfns(list);
                filled.add(new PageState.PcpList(
                        list, pfns, Arrays.stream(pfns).map(frames::privateData).toArray()));
            }
        }
        return filled;
    }

    void save(org.kmemscope.api.state.StateWriter out) {
        out.putInts(head);
        out.putInts(tail);
        out.putInts(length);
    }

    void restore(org.kmemscope.api.state.StateReader in) {
        System.arraycopy(in.getInts(), 0, head, 0, head.length);
        System.arraycopy(in.getInts(), 0, tail, 0, tail.length);
        System.arraycopy(in.getInts(), 0, length, 0, length.length);
    }
}

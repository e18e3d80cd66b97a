package org.kmemscope.zone;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.phys.FrameLists;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/** Lists of pages, as many as one set of per-CPU lists has. Pages on one have {@link PageFlag#PCP}. */
final class PageList {
    static final int NONE = PageFrames.NONE;
    private static final int PCP = PageFlag.PCP.bit();

    private final PageFrames frames;
    private final FrameLists lists;

    PageList(PageFrames frames, int lists) {
        this.frames = frames;
        this.lists = new FrameLists(frames, lists);
    }

    int lists() {
        return lists.lists();
    }

    int length(int list) {
        return lists.length(list);
    }

    int first(int list) {
        return lists.first(list);
    }

    int last(int list) {
        return lists.last(list);
    }

    int next(int pfn) {
        return lists.next(pfn);
    }

    boolean isEmpty(int list) {
        return lists.isEmpty(list);
    }

    void addFirst(int list, int pfn, int type) {
        lists.addFirst(list, pfn);
        added(pfn, type);
    }

    void addLast(int list, int pfn, int type) {
        lists.addLast(list, pfn);
        added(pfn, type);
    }

    private void added(int pfn, int type) {
        frames.setFlags(pfn, frames.flags(pfn) | PCP);
        frames.setPrivateData(pfn, type);
    }

    /** Takes a page off the list it is on; the type it came with stays in {@code page->private}. */
    void remove(int list, int pfn) {
        lists.remove(list, pfn);
        frames.setFlags(pfn, frames.flags(pfn) & ~PCP);
    }

    int[] pfns(int list) {
        return lists.pfns(list);
    }

    /** Every list that is not empty, with the type each page came with. */
    List<PageState.PcpList> contents() {
        List<PageState.PcpList> filled = new ArrayList<>();
        for (int list = 0; list < lists.lists(); list++) {
            if (!isEmpty(list)) {
                int[] pfns = pfns(list);
                filled.add(new PageState.PcpList(
                        list, pfns, Arrays.stream(pfns).map(frames::privateData).toArray()));
            }
        }
        return filled;
    }

    void save(StateWriter out) {
        lists.save(out);
    }

    void restore(StateReader in) {
        lists.restore(in);
    }
}

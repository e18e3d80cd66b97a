package org.kmemscope.highmem;

import java.util.Arrays;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * {@code page_address_htable}: which slot of the persistent area shows a page. 128 chains, linked through the slots, as each slot shows
 * at most one page; a new page joins its chain at the end.
 */
final class PageAddresses implements Stateful {
    static final int NONE = -1;

    /** log2 of the number of chains ({@code PA_HASH_ORDER}). */
    private static final int ORDER = 7;

    private static final int MULTIPLIER = 0x9e37_0001;

    private final int[] heads = new int[1 << ORDER];
    private int[] nexts;
    private int[] pages;

    PageAddresses(int slots) {
        nexts = new int[slots];
        pages = new int[slots];
        Arrays.fill(heads, NONE);
        Arrays.fill(pages, NONE);
    }

    /** {@code hash_ptr()}; a page is its pfn here. */
    private static int chain(int pfn) {
        return pfn * MULTIPLIER >>> Integer.SIZE - ORDER;
    }

    /** The page a slot shows, or {@link #NONE}. */
    int page(int slot) {
        return pages[slot];
    }

    /** The slot that shows a page, or {@link #NONE}. */
    int slot(int pfn) {
        int slot = heads[chain(pfn)];
        while (slot != NONE && pages[slot] != pfn) {
            slot = nexts[slot];
        }
        return slot;
    }

    /** {@code set_page_address()}. */
    void add(int pfn, int slot) {
        int chain = chain(pfn);
        pages[slot] = pfn;
        nexts[slot] = NONE;
        if (heads[chain] == NONE) {
            heads[chain] = slot;
            return;
        }
        int last = heads[chain];
        while (nexts[last] != NONE) {
            last = nexts[last];
        }
        nexts[last] = slot;
    }

    /** {@code set_page_address(page, NULL)}. */
    void remove(int slot) {
        int chain = chain(pages[slot]);
        if (heads[chain] == slot) {
            heads[chain] = nexts[slot];
        } else {
            int before = heads[chain];
            while (nexts[before] != slot) {
                before = nexts[before];
            }
            nexts[before] = nexts[slot];
        }
        pages[slot] = NONE;
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(heads);
        out.putInts(nexts);
        out.putInts(pages);
    }

    @Override
    public void restore(StateReader in) {
        System.arraycopy(in.getInts(), 0, heads, 0, heads.length);
        nexts = in.getInts();
        pages = in.getInts();
    }
}

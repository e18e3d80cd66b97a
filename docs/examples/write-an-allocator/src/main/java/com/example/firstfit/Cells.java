package com.example.firstfit;

import java.util.Arrays;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/**
 * Pages cut into cells. A page of 4096 bytes has 64 cells of 64 bytes, so that one long has a bit for each:
 *
 * <pre>
 *   used     ..111.11111111..      a cell is part of an object
 *   starts   ..1...11...1....      an object's cells begin here; they end where the next one's begin, or where cells are not used
 *   aligned  ..1.............      the object itself begins in the second cell, at a multiple of 64; its header ends the first
 * </pre>
 *
 * <p>What is known of a frame stands in arrays, indexed by frame number: no host object is made for a page or for an object.
 */
final class Cells {
    static final int SIZE = 64;
    static final int PER_PAGE = 64;
    static final int NONE = -1;
    /** Bytes before an object. */
    static final int HEADER = 8;

    private static final int PAGE_MASK = SIZE * PER_PAGE - 1;

    private final int firstPfn;
    private final long[] used;
    private final long[] starts;
    private final long[] aligned;
    /** Pages that are cut into cells, in the order in which they are searched. */
    private final int[] pages;

    private int count;

    Cells(AddressLayout layout) {
        firstPfn = layout.minLowPfn();
        int frames = layout.maxLowPfn() - firstPfn;
        used = new long[frames];
        starts = new long[frames];
        aligned = new long[frames];
        pages = new int[frames];
    }

    int pageCount() {
        return count;
    }

    int page(int number) {
        return pages[number];
    }

    void addPage(int pfn) {
        pages[count++] = pfn;
    }

    void removePage(int pfn) {
        int at = 0;
        while (pages[at] != pfn) {
            at++;
        }
        pages[at] = pages[--count];
    }

    boolean isEmpty(int pfn) {
        return used[pfn - firstPfn] == 0;
    }

    /** Cells that an object takes with its header. */
    static int needed(int size, boolean align) {
        return ((align ? SIZE : HEADER) + size + SIZE - 1) / SIZE;
    }

    /** First fit: takes the first row of free cells of a page that is long enough; offset of the object in the page, or NONE. */
    int take(int pfn, int cells, boolean align) {
        int at = pfn - firstPfn;
        for (int first = 0; first + cells <= PER_PAGE; first++) {
            long row = row(first, cells);
            if ((used[at] & row) == 0) {
                used[at] |= row;
                starts[at] |= 1L << first;
                aligned[at] |= align ? 1L << first : 0;
                return objectIn(pfn, first);
            }
        }
        return NONE;
    }

    void give(int pfn, int first) {
        used[pfn - firstPfn] &= ~row(first, length(pfn, first));
        starts[pfn - firstPfn] &= ~(1L << first);
        aligned[pfn - firstPfn] &= ~(1L << first);
    }

    private static long row(int first, int cells) {
        return (cells == PER_PAGE ? -1L : (1L << cells) - 1) << first;
    }

    /** Offset in the page of the object whose cells begin with one. */
    int objectIn(int pfn, int first) {
        return first * SIZE + ((aligned[pfn - firstPfn] & 1L << first) != 0 ? SIZE : HEADER);
    }

    /** The first cell of the object that is at an address of a page, or NONE. */
    int ofObject(int pfn, long virt) {
        int offset = (int) virt & PAGE_MASK;
        int first = (offset - HEADER) / SIZE;
        boolean object = offset >= HEADER && startsAt(pfn, first) && objectIn(pfn, first) == offset;
        return object ? first : NONE;
    }

    /** The first cell of the object that an address of a page is within, or NONE. */
    int around(int pfn, long virt) {
        int first = ((int) virt & PAGE_MASK) / SIZE;
        if ((used[pfn - firstPfn] & 1L << first) == 0) {
            return NONE;
        }
        while (!startsAt(pfn, first)) {
            first--;
        }
        return first;
    }

    boolean startsAt(int pfn, int cell) {
        return (starts[pfn - firstPfn] & 1L << cell) != 0;
    }

    /** Cells of the object whose cells begin with one. */
    int length(int pfn, int first) {
        int end = first + 1;
        while (end < PER_PAGE && (used[pfn - firstPfn] & 1L << end) != 0 && !startsAt(pfn, end)) {
            end++;
        }
        return end - first;
    }

    void save(StateWriter out) {
        out.putLongs(used);
        out.putLongs(starts);
        out.putLongs(aligned);
        out.putInts(Arrays.copyOf(pages, count));
    }

    void restore(StateReader in) {
        System.arraycopy(in.getLongs(), 0, used, 0, used.length);
        System.arraycopy(in.getLongs(), 0, starts, 0, starts.length);
        System.arraycopy(in.getLongs(), 0, aligned, 0, aligned.length);
        int[] saved = in.getInts();
        count = saved.length;
        System.arraycopy(saved, 0, pages, 0, count);
    }
}

package org.kmemscope.slob;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The heap of SLOB as its rules are told, without RAM and without thought of speed: pages are lists of free ranges, lists of pages are
 * lists, and starting the next search elsewhere is rotating a list. It predicts the address of every block, given which page the
 * page allocator answers with when a new one is needed.
 */
final class NaiveSlob {
    private static final int PAGE = 4096;
    private static final int UNIT = 2;

    private final boolean threeLists;
    private final boolean mergesAtHead;
    private final boolean ownList;
    private final boolean behindFull;
    private final List<List<Page>> lists = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    private final Map<Long, Page> pages = new HashMap<>();

    private static final class Page {
        final long base;
        /** Free ranges, first byte and length, by address. */
        final List<int[]> free = new ArrayList<>();

        Page(long base) {
            this.base = base;
            free.add(new int[] {0, PAGE});
        }

        int freeBytes() {
            return free.stream().mapToInt(range -> range[1]).sum();
        }
    }

    NaiveSlob(boolean threeLists, boolean mergesAtHead, boolean ownList, boolean behindFull) {
        this.threeLists = threeLists;
        this.mergesAtHead = mergesAtHead;
        this.ownList = ownList;
        this.behindFull = behindFull;
    }

    int pages() {
        return pages.size();
    }

    private List<Page> listOf(int size) {
        return lists.get(!threeLists || size < 256 ? 0 : size < 1024 ? 1 : 2);
    }

    private static int rounded(int size) {
        return (size + UNIT - 1) / UNIT * UNIT;
    }

    /** The address of a block whose address plus {@code shift} shall be a multiple of {@code align}. */
    long take(int size, int align, int shift, LongSupplier newPage) {
        List<Page> list = listOf(size);
        for (int i = 0; i < list.size(); i++) {
            Page page = list.get(i);
            int at = takeFrom(page, rounded(size), align, shift);
            if (at >= 0) {
                boolean full = page.free.isEmpty();
                if (full) {
                    list.remove(i);
                }
                if (i > 0 && i < list.size() && (!full || behindFull)) {
                    List<Page> before = new ArrayList<>(list.subList(0, i));
                    list.removeAll(before);
                    list.addAll(before);
                }
                return page.base + at;
            }
        }
        Page page = new Page(newPage.getAsLong());
        pages.put(page.base, page);
        int at = takeFrom(page, rounded(size), align, shift);
        if (!page.free.isEmpty()) {
            list.add(0, page);
        }
        return page.base + at;
    }

    private static int takeFrom(Page page, int size, int align, int shift) {
        for (int i = 0; i < page.free.size(); i++) {
            int[] range = page.free.get(i);
            int at = range[0];
            while ((page.base + at + shift) % align != 0) {
                at += UNIT;
            }
            int end = range[0] + range[1];
            if (at + size <= end) {
                page.free.remove(i);
                if (at + size < end) {
                    page.free.add(i, new int[] {at + size, end - at - size});
                }
                if (at > range[0]) {
                    page.free.add(i, new int[] {range[0], at - range[0]});
                }
                return at;
            }
        }
        return -1;
    }

    void give(long block, int size) {
        Page page = pages.get(block & -PAGE);
        int at = (int) (block - page.base);
        int bytes = rounded(size);
        if (page.freeBytes() + bytes == PAGE) {
            pages.remove(page.base);
            lists.forEach(list -> list.remove(page));
            return;
        }
        if (page.free.isEmpty()) {
            (ownList ? listOf(size) : lists.get(0)).add(0, page);
        }
        int place = 0;
        while (place < page.free.size() && page.free.get(place)[0] < at) {
            place++;
        }
        int[] range = {at, bytes};
        page.free.add(place, range);
        boolean first = place == 0;
        if (place + 1 < page.free.size() && page.free.get(place + 1)[0] == at + bytes && (!first || mergesAtHead)) {
            range[1] += page.free.remove(place + 1)[1];
        }
        if (!first && page.free.get(place - 1)[0] + page.free.get(place - 1)[1] == at) {
            page.free.get(place - 1)[1] += range[1];
            page.free.remove(place);
        }
    }
}

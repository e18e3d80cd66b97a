package org.kmemscope.capture.seed;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.kmemscope.api.page.PageState.FreeList;

/** The free blocks of a zone, with their places, and the types of its pageblocks. */
final class PlacedBlocks {
    private final List<List<List<Integer>>> byType = new ArrayList<>();
    private final BitSet free = new BitSet();
    private final int[] types;
    private List<FreeList> ordered = List.of();
    private long missing;

    /**
     * @param migrateTypes how many migrate types there are
     * @param orders how many orders there are
     * @param types types of the pageblocks, from the one that contains the first frame
     */
    PlacedBlocks(int migrateTypes, int orders, int[] types) {
        this.types = types;
        for (int type = 0; type < migrateTypes; type++) {
            List<List<Integer>> byOrder = new ArrayList<>();
            for (int order = 0; order < orders; order++) {
                byOrder.add(new ArrayList<>());
            }
            byType.add(byOrder);
        }
    }

    void place(int pfn, int order, int type) {
        byType.get(type).get(order).add(pfn);
        free.set(pfn, pfn + (1 << order));
    }

    /** Notes that there was no room for a block. */
    void miss(int order) {
        missing += 1L << order;
    }

    /** Pages for which there was no room. */
    long missing() {
        return missing;
    }

    /** Frames of free blocks. */
    BitSet free() {
        return free;
    }

    int[] types() {
        return types;
    }

    /** Free pages of a type. */
    long pages(int type) {
        long pages = 0;
        for (int order = 0; order < byType.get(type).size(); order++) {
            pages += (long) byType.get(type).get(order).size() << order;
        }
        return pages;
    }

    /** Fixes the order of the lists, where it is known. */
    PlacedBlocks inThisOrder(List<FreeList> lists) {
        ordered = List.copyOf(lists);
        return this;
    }

    /** The lists that are not empty, in the order that was fixed, else each ascending. */
    List<FreeList> freeLists() {
        if (!ordered.isEmpty()) {
            return ordered;
        }
        List<FreeList> all = new ArrayList<>();
        int orders = byType.get(0).size();
        for (int order = 0; order < orders; order++) {
            for (int type = 0; type < byType.size(); type++) {
                int[] pfns = byType.get(type).get(order).stream()
                        .mapToInt(Integer::intValue)
                        .sorted()
                        .toArray();
                if (pfns.length > 0) {
                    all.add(new FreeList(order, type, pfns));
                }
            }
        }
        return all;
    }
}

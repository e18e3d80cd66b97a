package org.kmemscope.fidelity.page;

import java.util.List;
import java.util.Optional;

/**
 * The free block that a request was served from, as the numbers of blocks before and after tell it: one of {@code from} less, and one of
 * each order from {@code order} to {@code from - 1} more.
 *
 * @param pfn what the request was given
 * @param order order of the request
 * @param from order of the block
 * @param type migrate type of the request
 * @param next the smallest order of which there is a further block that the request could be served from
 * @param certain whether no other block can have been the one
 */
public record Taken(int pfn, int order, int from, int type, int next, boolean certain) {
    /** First frame of the block. */
    int start() {
        return pfn & -(1 << from);
    }

    /** A block of the order of the request, when nothing is told. */
    static Taken guessed(int pfn, int order, int type) {
        return new Taken(pfn, order, order, type, order, false);
    }

    /**
     * The block, if one was split and nothing else happened. One other block of the request's order may have gone to a per-CPU list: then
     * there may have been one block of that order, and the other was split from a larger one.
     */
    static Optional<Taken> of(int pfn, FreeBlocks.Zone before, FreeBlocks.Zone after, int order, int type) {
        List<Integer> had = before.blocks();
        boolean listed = after.perCpu() == 1L << order;
        for (int from = order; from < had.size(); from++) {
            if (isSplit(had, after.blocks(), order, from, listed)) {
                boolean aligned = (pfn & (1 << from) - 1) == 0;
                boolean either = listed && from > order;
                return Optional.of(
                        either && !aligned
                                ? new Taken(pfn, order, order, type, from, true)
                                : new Taken(pfn, order, from, type, from, !either));
            }
        }
        return Optional.empty();
    }

    private static boolean isSplit(List<Integer> had, List<Integer> has, int order, int from, boolean listed) {
        for (int i = 0; i < had.size(); i++) {
            int change = i == from ? -1 : i >= order && i < from ? 1 : 0;
            int onList = listed && i == order ? -1 : 0;
            if (has.get(i) - had.get(i) != change + onList) {
                return false;
            }
        }
        return true;
    }
}

package org.kmemscope.vmalloc;

import java.util.List;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.vmalloc.VmallocState.FreeRange;

/**
 * Which addresses an area gets: the part of the vmalloc area that changed most between kernels. Knows what is free and what is not,
 * and nothing of why; addresses freed lazily are not free before they are given back.
 */
interface Placement extends Stateful {
    /** No room. */
    long NONE = -1;

    /** Rounds up to a multiple of a power of two. */
    static long align(long address, long align) {
        return (address + align - 1) & -align;
    }

    /**
     * Takes a range.
     *
     * @param size bytes, whole pages
     * @param align a power of two
     * @param from where to start looking
     * @param to the range must not reach beyond
     * @return its start, or {@link #NONE}
     */
    long take(long size, long align, long from, long to);

    /** Gives back a range as it was taken. Several at a time come in ascending order. */
    void give(long start, long end);

    /**
     * Takes over recorded ranges in use; nothing has been taken yet.
     *
     * @param taken every range that is not free
     * @param freeTree the tree of free ranges, if the record has it
     */
    void load(RangeList taken, List<FreeRange> freeTree);

    /** The tree of free ranges in preorder; empty where the kernel has none. */
    default List<FreeRange> freeTree() {
        return List.of();
    }

    /** Checks itself against all ranges that are not free, ascending. */
    void verify(Verification report, RangeList taken);
}

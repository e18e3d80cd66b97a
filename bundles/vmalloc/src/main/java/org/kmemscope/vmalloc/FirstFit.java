package org.kmemscope.vmalloc;

/**
 * The lowest address that fits, up to 2.6.38.
 *
 * <pre>
 *   from        end of A                    start of B
 *    |    A      |   gap   |  new  .......   |   B
 * </pre>
 *
 * <ol>
 *   <li>Start at {@code from}, aligned.
 *   <li>Pass over the ranges in order of address: while the next one begins before the new one would end, go on at its end plus
 *       the gap, aligned.
 * </ol>
 *
 * <p>Source: up to 2.6.27 {@code __get_vm_area_node()} walks {@code vmlist}, no gap. From 2.6.28 to 2.6.38 {@code alloc_vmap_area()}
 * goes on at {@code ALIGN(first->va_end + PAGE_SIZE, align)}: with the guard page that every area has, areas of one page lie 0x3000
 * apart. The red-black tree of those kernels is an index only; its shape decides nothing.
 */
final class FirstFit extends TakenList {
    private final int gap;

    /**
     * @param gap bytes kept free behind each range
     */
    FirstFit(int gap) {
        this.gap = gap;
    }

    @Override
    public long take(long size, long align, long from, long to) {
        long at = Placement.align(from, align);
        // a range that ends just where the new one would start counts: it wants its gap
        for (int i = taken.endingAbove(at - 1);
                i < taken.size() && at + size > taken.start(i) && at + size <= to;
                i++) {
            at = Placement.align(taken.end(i) + gap, align);
        }
        if (at + size > to) {
            return NONE;
        }
        taken.add(at, at + size, 0);
        return at;
    }
}

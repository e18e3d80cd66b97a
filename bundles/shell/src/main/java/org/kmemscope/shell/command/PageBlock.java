package org.kmemscope.shell.command;

/**
 * Pages from one call of {@code alloc_pages}.
 *
 * @param pfn the first frame
 * @param order log2 of their number
 */
record PageBlock(int pfn, int order) implements Handle {
    @Override
    public String toString() {
        return String.format("pfn:0x%x", pfn);
    }
}

package org.kmemscope.shell.command;

import java.util.AbstractList;
import java.util.Arrays;

/** Many blocks of one order, in the order they were taken; as an argument it stands for each of them. */
final class PageBlocks extends AbstractList<PageBlock> implements Handle {
    private static final int SHOWN = 8;

    private final int order;
    private int[] pfns = new int[64];
    private int size;

    PageBlocks(int order) {
        this.order = order;
    }

    void append(int pfn) {
        if (size == pfns.length) {
            pfns = Arrays.copyOf(pfns, 2 * size);
        }
        pfns[size++] = pfn;
    }

    @Override
    public PageBlock get(int index) {
        if (index >= size) {
            throw new IndexOutOfBoundsException(index);
        }
        return new PageBlock(pfns[index], order);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public String display() {
        StringBuilder text = new StringBuilder();
        text.append(size)
                .append(size == 1 ? " block" : " blocks")
                .append(" of order ")
                .append(order);
        for (int i = 0; i < Math.min(size, SHOWN); i++) {
            text.append(i == 0 ? ": " : " ").append(get(i));
        }
        return text.append(size > SHOWN ? " ..." : "").toString();
    }
}

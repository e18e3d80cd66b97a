package org.kmemscope.vmalloc;

import java.util.Arrays;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Ranges of addresses that do not overlap, ascending, in flat arrays. Each carries a word of its owner's. Finding is a binary search,
 * inserting moves what lies behind.
 */
final class RangeList implements Stateful {
    private static final int FIRST_CAPACITY = 32;

    private long[] starts = new long[FIRST_CAPACITY];
    private long[] ends = new long[FIRST_CAPACITY];
    private long[] values = new long[FIRST_CAPACITY];
    private int count;

    int size() {
        return count;
    }

    long start(int index) {
        return starts[index];
    }

    /** One past the last address. */
    long end(int index) {
        return ends[index];
    }

    long value(int index) {
        return values[index];
    }

    /** Index of the first range that ends above an address; {@link #size} if there is none. */
    int endingAbove(long address) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[middle] > address) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Index of the range that contains an address, or -1. */
    int containing(long address) {
        int index = endingAbove(address);
        return index < count && starts[index] <= address ? index : -1;
    }

    /** Index of the range that starts at an address, or -1. */
    int startingAt(long address) {
        int index = endingAbove(address);
        return index < count && starts[index] == address ? index : -1;
    }

    /** Inserts a range that overlaps none. */
    void add(long start, long end, long value) {
        int index = endingAbove(start);
        if (start >= end || index < count && starts[index] < end) {
            throw new IllegalStateException(
                    String.format("0x%08x-0x%08x is empty or overlaps another range", start, end));
        }
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
            values = Arrays.copyOf(values, 2 * count);
        }
        shift(index, index + 1);
        starts[index] = start;
        ends[index] = end;
        values[index] = value;
        count++;
    }

    void remove(int index) {
        shift(index + 1, index);
        count--;
    }

    private void shift(int from, int to) {
        int moved = count - from;
        System.arraycopy(starts, from, starts, to, moved);
        System.arraycopy(ends, from, ends, to, moved);
        System.arraycopy(values, from, values, to, moved);
    }

    /** Moves the borders of a range; it still overlaps none. */
    void resize(int index, long start, long end) {
        starts[index] = start;
        ends[index] = end;
    }

    void clear() {
        count = 0;
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(Arrays.copyOf(starts, count));
        out.putLongs(Arrays.copyOf(ends, count));
        out.putLongs(Arrays.copyOf(values, count));
    }

    @Override
    public void restore(StateReader in) {
        long[] savedStarts = in.getLongs();
        count = savedStarts.length;
        int capacity = Math.max(count, FIRST_CAPACITY);
        starts = Arrays.copyOf(savedStarts, capacity);
        ends = Arrays.copyOf(in.getLongs(), capacity);
        values = Arrays.copyOf(in.getLongs(), capacity);
    }
}

package org.kmemscope.machine.exchange;

import java.util.Arrays;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The objects of blocks that were handed over, in flat arrays: those of one block lie side by side, in rising order of their offsets. One
 * that was freed keeps its place until the table is packed, so that a second free can be told.
 */
final class ObjectTable implements Stateful {
    private static final int FIRST_ROOM = 64;
    /** log2 of the bits of a long. */
    private static final int BITS_SHIFT = 6;

    private int[] offsets = new int[FIRST_ROOM];
    private int[] sizes = new int[FIRST_ROOM];
    private int[] caches = new int[FIRST_ROOM];
    private long[] live = new long[FIRST_ROOM >> BITS_SHIFT];
    private int count;

    /** Adds live objects; the number of the first. */
    int add(int[] newOffsets, int[] newSizes, int[] newCaches) {
        int first = count;
        reserve(newOffsets.length);
        System.arraycopy(newOffsets, 0, offsets, first, newOffsets.length);
        System.arraycopy(newSizes, 0, sizes, first, newOffsets.length);
        System.arraycopy(newCaches, 0, caches, first, newOffsets.length);
        count += newOffsets.length;
        for (int object = first; object < count; object++) {
            live[object >> BITS_SHIFT] |= 1L << object;
        }
        return first;
    }

    /** Adds objects of another table as they are; the number of the first. */
    int add(ObjectTable from, int fromFirst, int number) {
        int first = count;
        reserve(number);
        System.arraycopy(from.offsets, fromFirst, offsets, first, number);
        System.arraycopy(from.sizes, fromFirst, sizes, first, number);
        System.arraycopy(from.caches, fromFirst, caches, first, number);
        count += number;
        for (int i = 0; i < number; i++) {
            if (from.isLive(fromFirst + i)) {
                live[(first + i) >> BITS_SHIFT] |= 1L << (first + i);
            }
        }
        return first;
    }

    private void reserve(int number) {
        int room = offsets.length;
        while (room < count + number) {
            room *= 2;
        }
        if (room > offsets.length) {
            offsets = Arrays.copyOf(offsets, room);
            sizes = Arrays.copyOf(sizes, room);
            caches = Arrays.copyOf(caches, room);
            live = Arrays.copyOf(live, room >> BITS_SHIFT);
        }
    }

    /** Number of the last object of a range that begins at or before an offset; less than {@code first} if there is none. */
    int atOrBefore(int offset, int first, int number) {
        int low = first;
        int high = first + number - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (offsets[middle] <= offset) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    int offset(int object) {
        return offsets[object];
    }

    int size(int object) {
        return sizes[object];
    }

    int cache(int object) {
        return caches[object];
    }

    void setCache(int object, int cache) {
        caches[object] = cache;
    }

    boolean isLive(int object) {
        return (live[object >> BITS_SHIFT] & 1L << object) != 0;
    }

    void setFree(int object) {
        live[object >> BITS_SHIFT] &= ~(1L << object);
    }

    /** Objects in the table, free ones too. */
    int count() {
        return count;
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(Arrays.copyOf(offsets, count));
        out.putInts(Arrays.copyOf(sizes, count));
        out.putInts(Arrays.copyOf(caches, count));
        out.putLongs(live);
    }

    @Override
    public void restore(StateReader in) {
        int[] saved = in.getInts();
        count = saved.length;
        int[] savedSizes = in.getInts();
        int[] savedCaches = in.getInts();
        live = in.getLongs();
        int room = live.length << BITS_SHIFT;
        offsets = Arrays.copyOf(saved, room);
        sizes = Arrays.copyOf(savedSizes, room);
        caches = Arrays.copyOf(savedCaches, room);
    }
}

package org.kmemscope.slub;

import java.util.Arrays;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Which objects of a slab are in somebody's hands: a bit for each. It tells at once whether a pointer that is freed is that of a live
 * object, whatever has been written over the free pointers.
 *
 * <p>Linux has nothing like it without SLAB_CONSISTENCY_CHECKS: there an object that is freed twice makes a loop of the free list, and
 * gets two owners. Here the second free is refused.
 *
 * <pre>
 *   words   | block of slab 0 | block of slab 1 | unused block: number of the next one of its size | ...
 * </pre>
 *
 * <p>Blocks are powers of two of longs, taken when a slab is made; setting and clearing a bit allocates nothing.
 */
final class LiveBits implements Stateful {
    private static final int LONG_SHIFT = 6;
    private static final int SIZES = 16;
    private static final int NONE = -1;
    private static final int FIRST_ROOM = 1024;

    private long[] words = new long[FIRST_ROOM];
    private int used;
    /** First unused block by log2 of its longs. */
    private int[] unused = noBlocks();

    private static int[] noBlocks() {
        int[] none = new int[SIZES];
        Arrays.fill(none, NONE);
        return none;
    }

    /** log2 of the longs of a block for so many objects. */
    private static int sizeOf(int objects) {
        int longs = (objects + Long.SIZE - 1) >>> LONG_SHIFT;
        return Integer.SIZE - Integer.numberOfLeadingZeros(longs - 1);
    }

    /** A block of cleared bits. */
    int take(int objects) {
        int size = sizeOf(objects);
        int block = unused[size];
        if (block != NONE) {
            unused[size] = (int) words[block];
        } else {
            block = used;
            used += 1 << size;
            if (used > words.length) {
                words = Arrays.copyOf(words, Math.max(used, 2 * words.length));
            }
        }
        Arrays.fill(words, block, block + (1 << size), 0);
        return block;
    }

    void giveBack(int block, int objects) {
        int size = sizeOf(objects);
        words[block] = unused[size];
        unused[size] = block;
    }

    /** Notes that an object is handed out; false if somebody has it already. */
    boolean add(int block, int index) {
        int at = block + (index >>> LONG_SHIFT);
        // a shift of a long takes the lowest six bits
        long bit = 1L << index;
        boolean wasFree = (words[at] & bit) == 0;
        words[at] |= bit;
        return wasFree;
    }

    /** Notes that an object came back; false if nobody had it. */
    boolean remove(int block, int index) {
        int at = block + (index >>> LONG_SHIFT);
        long bit = 1L << index;
        boolean wasLive = (words[at] & bit) != 0;
        words[at] &= ~bit;
        return wasLive;
    }

    boolean contains(int block, int index) {
        return (words[block + (index >>> LONG_SHIFT)] & 1L << index) != 0;
    }

    /** Live objects of a slab. */
    int count(int block, int objects) {
        int count = 0;
        for (int at = block; at < block + ((objects + Long.SIZE - 1) >>> LONG_SHIFT); at++) {
            count += Long.bitCount(words[at]);
        }
        return count;
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(Arrays.copyOf(words, used));
        out.putInts(unused);
    }

    @Override
    public void restore(StateReader in) {
        long[] saved = in.getLongs();
        used = saved.length;
        words = Arrays.copyOf(saved, Math.max(FIRST_ROOM, used));
        unused = in.getInts();
    }
}

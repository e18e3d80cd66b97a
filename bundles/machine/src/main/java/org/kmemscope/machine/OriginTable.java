package org.kmemscope.machine;

import java.util.Arrays;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Origins of live allocations by address, in open addressing over flat arrays: an entry costs no object.
 *
 * <p>Linear probing; a removed entry is closed up by moving later ones back, so there are no tombstones.
 */
final class OriginTable implements Stateful {
    private static final long EMPTY = Long.MIN_VALUE;
    private static final int FIRST_SIZE = 1 << 10;
    /** Values of an entry. */
    static final int SEQUENCE = 0;

    static final int JIFFIES = 1;
    static final int PID = 2;
    static final int COMM = 3;
    static final int SITE = 4;
    static final int REQUESTED = 5;
    private static final int WIDTH = 6;

    private long[] keys = new long[FIRST_SIZE];
    private long[] values = new long[FIRST_SIZE * WIDTH];
    private int size;

    OriginTable() {
        Arrays.fill(keys, EMPTY);
    }

    /** Index of the entry for a key, or -1. */
    int find(long key) {
        int mask = keys.length - 1;
        for (int i = slot(key, mask); keys[i] != EMPTY; i = (i + 1) & mask) {
            if (keys[i] == key) {
                return i;
            }
        }
        return -1;
    }

    long value(int entry, int which) {
        return values[entry * WIDTH + which];
    }

    void put(long key, long sequence, long jiffies, int pid, int comm, int site, long requested) {
        if (size * 2 >= keys.length) {
            grow();
        }
        int mask = keys.length - 1;
        int i = slot(key, mask);
        while (keys[i] != EMPTY && keys[i] != key) {
            i = (i + 1) & mask;
        }
        size += keys[i] == EMPTY ? 1 : 0;
        keys[i] = key;
        int at = i * WIDTH;
        values[at + SEQUENCE] = sequence;
        values[at + JIFFIES] = jiffies;
        values[at + PID] = pid;
        values[at + COMM] = comm;
        values[at + SITE] = site;
        values[at + REQUESTED] = requested;
    }

    void remove(long key) {
        int hole = find(key);
        if (hole < 0) {
            return;
        }
        int mask = keys.length - 1;
        size--;
        int i = hole;
        while (true) {
            i = (i + 1) & mask;
            if (keys[i] == EMPTY) {
                break;
            }
            int home = slot(keys[i], mask);
            // an entry may move back to the hole unless its home lies behind the hole
            boolean homeBehindHole = hole <= i ? hole < home && home <= i : hole < home || home <= i;
            if (!homeBehindHole) {
                keys[hole] = keys[i];
                System.arraycopy(values, i * WIDTH, values, hole * WIDTH, WIDTH);
                hole = i;
            }
        }
        keys[hole] = EMPTY;
    }

    void clear() {
        Arrays.fill(keys, EMPTY);
        size = 0;
    }

    int size() {
        return size;
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(size);
        out.putLongs(keys);
        out.putLongs(values);
    }

    @Override
    public void restore(StateReader in) {
        size = in.getInt();
        keys = in.getLongs();
        values = in.getLongs();
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = new long[oldValues.length * 2];
        Arrays.fill(keys, EMPTY);
        int mask = keys.length - 1;
        for (int old = 0; old < oldKeys.length; old++) {
            if (oldKeys[old] != EMPTY) {
                int i = slot(oldKeys[old], mask);
                while (keys[i] != EMPTY) {
                    i = (i + 1) & mask;
                }
                keys[i] = oldKeys[old];
                System.arraycopy(oldValues, old * WIDTH, values, i * WIDTH, WIDTH);
            }
        }
    }

    private static int slot(long key, int mask) {
        long hash = key * 0x9e37_79b9_7f4a_7c15L;
        return (int) (hash >>> 32) & mask;
    }
}

package org.kmemscope.physmem;

import org.kmemscope.api.state.SharedState;

/**
 * A column of ints in chunks of 4096 that exist once they are written, and that copies share until one writes. An element nobody
 * wrote is 0.
 */
final class IntColumn {
    private static final int SHIFT = 12;
    private static final int SIZE = 1 << SHIFT;
    private static final int MASK = SIZE - 1;

    private final int length;
    private final int[][] chunks;
    private final boolean[] owned;

    IntColumn(int length) {
        this.length = length;
        int count = (length + MASK) >>> SHIFT;
        chunks = new int[count][];
        owned = new boolean[count];
    }

    /** What copies share. Never written again. */
    record Snapshot(int length, int[][] chunks) implements SharedState {}

    int get(int index) {
        int[] chunk = chunks[index >>> SHIFT];
        return chunk == null ? 0 : chunk[index & MASK];
    }

    void set(int index, int value) {
        int c = index >>> SHIFT;
        if (!owned[c]) {
            if (value == 0 && chunks[c] == null) {
                return;
            }
            own(c);
        }
        chunks[c][index & MASK] = value;
    }

    private void own(int c) {
        chunks[c] = chunks[c] == null ? new int[SIZE] : chunks[c].clone();
        owned[c] = true;
    }

    Snapshot share() {
        java.util.Arrays.fill(owned, false);
        return new Snapshot(length, chunks.clone());
    }

    void take(Snapshot snapshot) {
        if (snapshot.length != length) {
            throw new IllegalStateException(
                    "the state is of a machine with " + snapshot.length + " frames, not " + length);
        }
        System.arraycopy(snapshot.chunks, 0, chunks, 0, chunks.length);
        java.util.Arrays.fill(owned, false);
    }
}

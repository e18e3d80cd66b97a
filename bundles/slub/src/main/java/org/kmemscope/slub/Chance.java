package org.kmemscope.slub;

import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** Random numbers that are the same in every run: splitmix64 from the machine's seed. A real kernel draws other ones at each boot. */
final class Chance implements Stateful {
    private static final long STEP = 0x9e37_79b9_7f4a_7c15L;
    private static final long MIX_1 = 0xbf58_476d_1ce4_e5b9L;
    private static final long MIX_2 = 0x94d0_49bb_1331_11ebL;

    private long state;

    Chance(long seed) {
        state = seed;
    }

    /** 32 random bits. */
    int word() {
        state += STEP;
        long mixed = (state ^ state >>> 30) * MIX_1;
        mixed = (mixed ^ mixed >>> 27) * MIX_2;
        return (int) (mixed >>> Integer.SIZE);
    }

    /** A number from 0 to one less than {@code limit}. */
    int below(int limit) {
        return Integer.remainderUnsigned(word(), limit);
    }

    @Override
    public void save(StateWriter out) {
        out.putLong(state);
    }

    @Override
    public void restore(StateReader in) {
        state = in.getLong();
    }
}

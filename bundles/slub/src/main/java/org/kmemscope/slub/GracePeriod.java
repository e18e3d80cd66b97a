package org.kmemscope.slub;

import java.util.Arrays;
import org.kmemscope.api.ground.Clock;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Slabs of SLAB_TYPESAFE_BY_RCU caches whose last object was freed: somebody may still look at an object without a lock, so the pages
 * go to the page allocator only when every CPU has passed a quiet point ({@code call_rcu}). Here that is the next tick.
 */
final class GracePeriod implements Stateful {
    private static final String TIMER = "slub: RCU grace period";
    private static final int FIRST_ROOM = 16;

    private final SlabMaker maker;
    private final Clock clock;
    private int[] waiting = new int[FIRST_ROOM];
    private int count;

    GracePeriod(Basis basis, SlabMaker maker) {
        this.maker = maker;
        clock = basis.floor().clock();
        clock.register(TIMER, unused -> end());
    }

    void await(int slab) {
        if (count == waiting.length) {
            waiting = Arrays.copyOf(waiting, 2 * count);
        }
        waiting[count++] = slab;
        if (count == 1) {
            clock.schedule(1, TIMER, 0);
        }
    }

    /** The grace period of all that wait is over; also what {@code rcu_barrier} waits for. */
    void end() {
        for (int i = 0; i < count; i++) {
            maker.release(waiting[i]);
        }
        count = 0;
    }

    /** Slabs that wait. */
    int[] slabs() {
        return Arrays.copyOf(waiting, count);
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(slabs());
    }

    @Override
    public void restore(StateReader in) {
        int[] saved = in.getInts();
        count = saved.length;
        waiting = Arrays.copyOf(saved, Math.max(FIRST_ROOM, count));
    }
}

package org.kmemscope.slab;

import java.util.Arrays;
import org.kmemscope.api.ground.Clock;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Slabs of SLAB_DESTROY_BY_RCU caches whose last object was freed: somebody may still look at an object without a lock, so the pages
 * go to the page allocator only when every CPU has passed a quiet point ({@code call_rcu}). Here that is the next tick.
 */
final class GracePeriod implements Stateful {
    private static final String TIMER = "slab: RCU grace period";
    private static final int FIRST_ROOM = 16;

    private final CacheTable caches;
    private final SlabMaker maker;
    private final Clock clock;
    private long[] slabs = new long[FIRST_ROOM];
    private int[] owners = new int[FIRST_ROOM];
    private int[] pfns = new int[FIRST_ROOM];
    private int count;

    GracePeriod(Basis basis, SlabMaker maker) {
        this.caches = basis.caches();
        this.maker = maker;
        clock = basis.floor().clock();
        clock.register(TIMER, unused -> end());
    }

    void await(Cache cache, long slab, int pfn) {
        if (count == slabs.length) {
            slabs = Arrays.copyOf(slabs, 2 * count);
            owners = Arrays.copyOf(owners, 2 * count);
            pfns = Arrays.copyOf(pfns, 2 * count);
        }
        slabs[count] = slab;
        owners[count] = cache.id;
        pfns[count++] = pfn;
        if (count == 1) {
            clock.schedule(1, TIMER, 0);
        }
    }

    /** The grace period of all that wait is over; also what {@code rcu_barrier} waits for. */
    void end() {
        int waiting = count;
        count = 0;
        for (int i = 0; i < waiting; i++) {
            maker.release(caches.byId(owners[i]), slabs[i], pfns[i]);
        }
    }

    /** Whether a slab waits. */
    boolean holds(long slab) {
        for (int i = 0; i < count; i++) {
            if (slabs[i] == slab) {
                return true;
            }
        }
        return false;
    }

    /** Claims the pages of slabs that wait. */
    void claim(Verification report) {
        for (int i = 0; i < count; i++) {
            report.claim(pfns[i], caches.byId(owners[i]).geometry.pages(), SlabVerifier.STATE);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(Arrays.copyOf(slabs, count));
        out.putInts(Arrays.copyOf(owners, count));
        out.putInts(Arrays.copyOf(pfns, count));
    }

    @Override
    public void restore(StateReader in) {
        long[] savedSlabs = in.getLongs();
        count = savedSlabs.length;
        int room = Math.max(FIRST_ROOM, count);
        slabs = Arrays.copyOf(savedSlabs, room);
        owners = Arrays.copyOf(in.getInts(), room);
        pfns = Arrays.copyOf(in.getInts(), room);
    }
}

package org.kmemscope.slob;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Clock;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Objects of SLAB_TYPESAFE_BY_RCU caches that were freed: somebody may still look at one without a lock, so it goes back only when every
 * CPU has passed a quiet point ({@code call_rcu}). Here that is the next tick.
 *
 * <p>Each object has a {@code struct slob_rcu} at its end, which links it to the next one that waits and keeps its size; where the
 * queue begins and ends is known outside of RAM.
 */
final class GracePeriod implements Stateful {
    private static final String TIMER = "slob: RCU grace period";

    private final Basis basis;
    private final SlobMemory memory;
    private final LiveBlocks blocks;
    private final AddressLayout layout;
    private final Heap heap;
    private final WholePages wholePages;
    private final Complaints complaints;
    private final Clock clock;
    private long first;
    private long last;
    private int count;

    GracePeriod(Basis basis, Heap heap, WholePages wholePages, Complaints complaints) {
        this.basis = basis;
        this.heap = heap;
        this.wholePages = wholePages;
        this.complaints = complaints;
        memory = basis.memory();
        blocks = basis.blocks();
        layout = basis.floor().layout();
        clock = basis.floor().clock();
        clock.register(TIMER, unused -> end());
    }

    /** Objects that wait. */
    int count() {
        return count;
    }

    /** Queues an object of a cache ({@code kmem_cache_free}). */
    void await(Cache cache, long object) {
        long tail = object + cache.size - SlobMemory.RCU_SIZE;
        memory.initRcu(tail, cache.size);
        if (count == 0) {
            first = tail;
            clock.schedule(1, TIMER, 0);
        } else {
            memory.setRcuNext(last, tail);
        }
        last = tail;
        count++;
        blocks.set(layout.virtToPfn(object), SlobMemory.unitOf(object), -cache.kind);
    }

    /**
     * The grace period of all that wait is over; also what {@code rcu_barrier} waits for. A queue that was overwritten ends where it is
     * broken, and what was behind it is lost.
     */
    void end() {
        int waiting = count;
        long tail = first;
        count = 0;
        for (int i = 0; i < waiting; i++) {
            if (!memory.isReadable(tail)) {
                throw complaints.brokenQueue(last);
            }
            long next = memory.rcuNext(tail);
            free(tail);
            tail = next;
        }
    }

    /** {@code kmem_rcu_free()}: the size in RAM leads from the tail to the object. */
    private void free(long tail) {
        int size = memory.rcuSize(tail);
        long object = tail - size + SlobMemory.RCU_SIZE;
        boolean aligned = size > 0 && memory.isReadable(object) && object % SlobMemory.UNIT == 0;
        int pfn = aligned ? layout.virtToPfn(object) : 0;
        int unit = SlobMemory.unitOf(object);
        int kind = aligned ? blocks.kind(pfn, unit) : LiveBlocks.NONE;
        if (kind >= 0 || basis.caches().byKind(kind).size != size) {
            throw complaints.brokenQueue(tail);
        }
        Cache cache = basis.caches().byKind(kind);
        if (cache.ofPages()) {
            wholePages.give(pfn, cache.order());
        } else {
            heap.give(pfn, unit, size);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putLong(first);
        out.putLong(last);
        out.putInt(count);
    }

    @Override
    public void restore(StateReader in) {
        first = in.getLong();
        last = in.getLong();
        count = in.getInt();
    }
}

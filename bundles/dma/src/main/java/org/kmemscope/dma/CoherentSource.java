package org.kmemscope.dma;

import java.util.List;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.view.AddressFact;

/** A place where coherent memory comes from. */
interface CoherentSource extends Stateful {
    /** Has nothing. */
    CoherentSource NOWHERE = new CoherentSource() {
        @Override
        public Placed take(int pages, int gfp) {
            return Placed.NONE;
        }

        @Override
        public void give(Placed placed) {
            throw new IllegalStateException("nothing came from nowhere");
        }
    };

    /**
     * Takes adjacent frames and makes them visible to the CPU.
     *
     * @param pages at least 1
     * @param gfp mask in the era's numbers
     * @return {@link Placed#NONE} if there is no memory or no address
     */
    Placed take(int pages, int gfp);

    /** Takes memory back that it gave. */
    void give(Placed placed);

    /** This source and those it hands requests on to. */
    default List<CoherentSource> withParts() {
        return List.of(this);
    }

    /** Whether the kernel lets such memory be freed with interrupts off. */
    default boolean freeableWithIrqsOff() {
        return false;
    }

    /** Frames it holds although no buffer has them, claimed; invariants of its own. */
    default void verify(Verification report) {
        // most sources keep nothing
    }

    /** What it knows of an address that lies in no buffer. */
    default void describe(long virt, List<AddressFact> facts) {
        // most sources keep nothing
    }

    @Override
    default void save(StateWriter out) {
        // most sources keep nothing
    }

    @Override
    default void restore(StateReader in) {
        // most sources keep nothing
    }
}

package org.kmemscope.dma;

import java.util.Optional;

/** What hardware is moving at this moment. */
interface Flights {
    /** Whether anything is moved. */
    boolean any();

    /**
     * The transfer that is under way over some memory.
     *
     * @param phys physical address
     * @param length bytes
     * @param write whether the CPU writes there; what it only reads may be read by others, too
     */
    Optional<Flight> over(long phys, long length, boolean write);

    /**
     * A transfer under way.
     *
     * @param what which, in words
     * @param moved bytes moved
     * @param total bytes of all
     * @param writes whether the memory is what it writes
     * @param key tells it from others, so that it is reported once
     */
    record Flight(String what, long moved, long total, boolean writes, long key) {}
}

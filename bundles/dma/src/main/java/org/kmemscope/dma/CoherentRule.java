package org.kmemscope.dma;

import java.util.List;
import org.kmemscope.api.dma.DmaDevice;

/** How a kernel serves {@code dma_alloc_coherent()}: which zone, how many tries, from which source. */
interface CoherentRule {
    /** Every source it takes from, in an order that never changes. */
    List<CoherentSource> sources();

    /**
     * Serves a request.
     *
     * @param device who asks; may be {@link DmaDevice#NULL}
     * @param aperture what it reaches by its coherent mask
     * @param size bytes, at least 1
     * @param gfp mask in the era's numbers
     */
    Placed take(DmaDevice device, Aperture aperture, long size, int gfp);

    /** What boot logs about it. */
    default List<String> bootMessages() {
        return List.of();
    }
}

package org.kmemscope.api.dma;

import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.vmalloc.Vmalloc;
import org.osgi.annotation.versioning.ProviderType;

/** Makes the DMA services of a machine. Stateless. */
@ProviderType
public interface DmaProvider {
    /**
     * The DMA services, with the controllers of the profile on the bus.
     *
     * @param vmalloc for machines that remap coherent memory
     */
    Dma create(ObjectFloor floor, Vmalloc vmalloc);
}

package org.kmemscope.dma;

import org.kmemscope.api.dma.Dma;
import org.kmemscope.api.dma.DmaProvider;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.vmalloc.Vmalloc;
import org.osgi.service.component.annotations.Component;

/** Makes the DMA services of a machine by the rules of its kernel. */
@Component
public final class EraDmaProvider implements DmaProvider {
    @Override
    public Dma create(ObjectFloor floor, Vmalloc vmalloc) {
        return new MachineDma(floor, Era.of(floor, vmalloc));
    }
}

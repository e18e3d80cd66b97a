package org.kmemscope.slub;

import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.slab.SlabHandover;
import org.osgi.service.component.annotations.Component;

/** Makes SLUB allocators. */
@Component
public final class SlubProvider implements ObjectAllocatorProvider {
    static final String NAME = "slub";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ObjectAllocator create(PageFloor floor, SlabHandover handover) {
        return SlubAllocator.boot(floor, handover);
    }
}

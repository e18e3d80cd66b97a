package org.kmemscope.slab;

import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.slab.SlabHandover;
import org.osgi.service.component.annotations.Component;

/** Makes SLAB allocators. */
@Component
public final class SlabProvider implements ObjectAllocatorProvider {
    static final String NAME = "slab";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ObjectAllocator create(PageFloor floor, SlabHandover handover) {
        return SlabAllocator.boot(floor, handover);
    }
}

package org.kmemscope.slob;

import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.slab.SlabHandover;
import org.osgi.service.component.annotations.Component;

/** Makes SLOB allocators. */
@Component
public final class SlobProvider implements ObjectAllocatorProvider {
    static final String NAME = "slob";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ObjectAllocator create(PageFloor floor, SlabHandover handover) {
        return new SlobAllocator(floor, handover);
    }
}

package com.example.firstfit;

import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.slab.SlabHandover;
import org.osgi.service.component.annotations.Component;

/** What kmemscope finds: a service that makes the allocator for one machine. It keeps nothing itself. */
@Component
public final class FirstFitProvider implements ObjectAllocatorProvider {
    /** The name for {@code swap} and for profiles. */
    static final String NAME = "firstfit";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ObjectAllocator create(PageFloor floor, SlabHandover handover) {
        return new FirstFit(floor, handover);
    }
}

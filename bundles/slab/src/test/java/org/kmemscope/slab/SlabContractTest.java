package org.kmemscope.slab;

import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.testkit.ObjectAllocatorContract;

class SlabContractTest extends ObjectAllocatorContract {
    @Override
    public ObjectAllocatorProvider provider() {
        return new SlabProvider();
    }
}

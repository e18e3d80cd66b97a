package org.kmemscope.slub;

import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.testkit.ObjectAllocatorContract;

class SlubContractTest extends ObjectAllocatorContract {
    @Override
    public ObjectAllocatorProvider provider() {
        return new SlubProvider();
    }

    @Override
    public boolean believesLargePointers() {
        return true;
    }
}

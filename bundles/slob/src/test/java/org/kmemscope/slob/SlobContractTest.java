package org.kmemscope.slob;

import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.testkit.ObjectAllocatorContract;

class SlobContractTest extends ObjectAllocatorContract {
    @Override
    public ObjectAllocatorProvider provider() {
        return new SlobProvider();
    }

    @Override
    public boolean separatesZones() {
        return false;
    }
}

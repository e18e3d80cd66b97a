package com.example.firstfit;

import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.testkit.ObjectAllocatorContract;

/** Everything that an object allocator must do: inherited. */
class FirstFitContractTest extends ObjectAllocatorContract {
    @Override
    public ObjectAllocatorProvider provider() {
        return new FirstFitProvider();
    }
}

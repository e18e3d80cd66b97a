package org.kmemscope.api.page;

import org.kmemscope.api.ground.Ground;
import org.osgi.annotation.versioning.ProviderType;

/** Floors 0 and 1: what an object allocator stands on. */
@ProviderType
public interface PageFloor extends Ground {
    /** The page allocator. */
    PageAllocator pages();
}

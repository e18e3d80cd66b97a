package org.kmemscope.api.slab;

import org.kmemscope.api.page.PageFloor;
import org.osgi.annotation.versioning.ProviderType;

/** Floors 0 to 2: what the services of the kernel stand on. */
@ProviderType
public interface ObjectFloor extends PageFloor {
    /** The object allocator bound at this moment; ask again for each call. */
    ObjectAllocator objects();
}

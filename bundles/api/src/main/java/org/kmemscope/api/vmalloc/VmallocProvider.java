package org.kmemscope.api.vmalloc;

import org.kmemscope.api.slab.ObjectFloor;
import org.osgi.annotation.versioning.ProviderType;

/** Makes the vmalloc area of a machine. Stateless. */
@ProviderType
public interface VmallocProvider {
    /** An empty area. */
    Vmalloc create(ObjectFloor floor);
}

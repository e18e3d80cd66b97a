package org.kmemscope.api.highmem;

import org.kmemscope.api.slab.ObjectFloor;
import org.osgi.annotation.versioning.ProviderType;

/** Makes the windows of a machine. Stateless. */
@ProviderType
public interface HighmemProvider {
    /** Windows, all free. */
    Highmem create(ObjectFloor floor, Sleeper sleeper);
}

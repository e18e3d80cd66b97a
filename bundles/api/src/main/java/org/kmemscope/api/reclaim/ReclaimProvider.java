package org.kmemscope.api.reclaim;

import org.kmemscope.api.slab.ObjectFloor;
import org.osgi.annotation.versioning.ProviderType;

/** Makes the reclaim of a machine. Stateless. */
@ProviderType
public interface ReclaimProvider {
    /**
     * Reclaim with nothing to reclaim yet; it registers with the page allocator.
     *
     * @param host what it needs of the machine beside the floors below
     */
    Reclaim create(ObjectFloor floor, ReclaimHost host);
}

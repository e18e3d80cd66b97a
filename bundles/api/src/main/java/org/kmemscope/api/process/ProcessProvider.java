package org.kmemscope.api.process;

import org.kmemscope.api.reclaim.Reclaim;
import org.kmemscope.api.reclaim.ReclaimHost;
import org.kmemscope.api.slab.ObjectFloor;
import org.osgi.annotation.versioning.ProviderType;

/** Makes the processes of a machine. Stateless. */
@ProviderType
public interface ProcessProvider {
    /**
     * Processes, of which there is none yet; they register with reclaim.
     *
     * @param reclaim what their pages are reclaimed by
     * @param host what they need of the machine beside the floors below
     */
    Processes create(ObjectFloor floor, Reclaim reclaim, ReclaimHost host);
}

package org.kmemscope.api.debug;

import java.util.Optional;
import org.kmemscope.api.machine.Machine;
import org.osgi.annotation.versioning.ProviderType;

/** Tells the way of the last request for pages through the allocator. */
@ProviderType
public interface Explain {
    /** The last request of a machine, or empty if there was none since it was booted. */
    Optional<AllocationStory> last(Machine machine);
}

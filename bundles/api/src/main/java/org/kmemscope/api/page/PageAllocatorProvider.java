package org.kmemscope.api.page;

import java.util.List;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.phys.RamRange;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.osgi.annotation.versioning.ProviderType;

/** Makes page allocators. Stateless. */
@ProviderType
public interface PageAllocatorProvider {
    /** Name of the implementation. */
    String name();

    /**
     * A page allocator with the zones of the ground's profile and layout, which owns the frames of RAM that boot did not keep.
     *
     * @param reserved ranges of physical addresses that boot keeps (kernel image, page tables, {@code mem_map}), ascending
     * @param freeAreas makes the engine of each zone
     */
    PageAllocator create(Ground ground, List<RamRange> reserved, FreeAreaProvider freeAreas);
}

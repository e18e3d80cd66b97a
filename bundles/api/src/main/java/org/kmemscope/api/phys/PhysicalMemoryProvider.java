package org.kmemscope.api.phys;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Makes the RAM and the {@code mem_map} of a machine. Stateless. */
@ProviderType
public interface PhysicalMemoryProvider {
    /** RAM with the given ranges, all zero. */
    PhysicalMemory createRam(List<RamRange> ranges);

    /**
     * One {@code struct page} for each frame of {@code [firstPfn, endPfn)}, all zero.
     *
     * @param pageblockOrder log2 of the frames in a pageblock
     */
    PageFrames createFrames(int firstPfn, int endPfn, int pageblockOrder);
}

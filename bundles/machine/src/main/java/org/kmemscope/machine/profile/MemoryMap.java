package org.kmemscope.machine.profile;

import java.util.List;
import org.kmemscope.api.ground.MemoryRegion;

/** Where a machine of a given size has its RAM, before the kernel has looked at it. */
interface MemoryMap {
    /**
     * The physical memory map, ascending.
     *
     * @param size bytes of RAM
     * @throws IllegalArgumentException with one line, if no such machine can be made
     */
    List<MemoryRegion> regions(long size);

    /** Size of the machine if nobody asks for another; 0 if the profile must tell. */
    long defaultSize();
}

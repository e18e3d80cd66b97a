package org.kmemscope.api.ground;

import java.util.Optional;
import org.kmemscope.api.dcache.DataCache;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.phys.PhysicalMemory;
import org.kmemscope.api.trace.Tracepoints;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Floor 0 of a machine. A part gets the floor it stands on and may keep the objects it returns: they live as long as the machine.
 */
@ProviderType
public interface Ground {
    /** What the machine is built from. */
    Profile profile();

    /** The kernel's address space. */
    AddressLayout layout();

    /** The GFP flags of the machine's kernel. */
    GfpTable gfp();

    /** RAM and device registers. */
    PhysicalMemory ram();

    /** {@code struct page} of every frame. */
    PageFrames frames();

    /** Page tables and virtual accesses. */
    Mmu mmu();

    /** The data cache; empty on machines whose devices see the CPU's caches, and where nothing provides one. */
    default Optional<DataCache> dataCache() {
        return Optional.empty();
    }

    /** Who is running. */
    ExecutionContext context();

    /** Time. */
    Clock clock();

    /** The kernel's log. */
    KernelLog log();

    /** Interrupt lines. */
    Interrupts interrupts();

    /** Tracepoints. */
    Tracepoints trace();
}

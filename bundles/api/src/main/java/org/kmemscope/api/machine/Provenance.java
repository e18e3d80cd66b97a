package org.kmemscope.api.machine;

import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** How each live allocation came to be: kept by a listener, and empty on a machine that was booted without one. */
@ProviderType
public interface Provenance {
    /** Whether allocations are being remembered. */
    boolean enabled();

    /** Starts or stops remembering; stopping forgets. */
    void enable(boolean on);

    /** The live allocation that starts at a virtual address ({@code kmalloc}, {@code kmem_cache_alloc}). */
    Optional<Origin> object(long virt);

    /** The live allocation of pages that starts at a frame. */
    Optional<Origin> page(int pfn);

    /**
     * How an allocation came to be.
     *
     * @param sequence number of the event
     * @param jiffies tick of the event
     * @param pid who
     * @param comm name of the task
     * @param site the place
     * @param requested bytes asked for; for pages, the order
     */
    record Origin(long sequence, long jiffies, int pid, String comm, String site, long requested) {}
}

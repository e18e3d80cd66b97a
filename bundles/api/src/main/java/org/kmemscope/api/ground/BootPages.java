package org.kmemscope.api.ground;

import java.util.List;

/**
 * What boot leaves to the page allocator, and what it keeps. How much it keeps for itself depends on the initial RAM disk, on firmware and
 * on drivers, so no rule gives all of it; the kernel's log does ({@code Memory: 1019548K/1048056K available}, {@code Freeing initrd memory:
 * 1216K}).
 *
 * @param atStart pages that the allocator has when it computes its first watermarks, those of contiguous areas (CMA) not counted; -1 where
 *     it is not known
 * @param later pages that come back afterwards: the initial RAM disk, code and data that only boot needs
 * @param kept memory set aside for devices, beside what the kernel's own rules set aside
 * @param contiguous areas of contiguous memory (CMA) that a board declares, beside the kernel's own
 */
public record BootPages(long atStart, long later, List<MemoryRegion> kept, List<MemoryRegion> contiguous) {
    /** Not known: a machine keeps what the model's boot needs. */
    public static final BootPages UNKNOWN = new BootPages(-1, 0, List.of(), List.of());

    /** Keeps unmodifiable copies. */
    public BootPages {
        kept = List.copyOf(kept);
        contiguous = List.copyOf(contiguous);
    }

    /** Whether the numbers of pages are known. */
    public boolean known() {
        return atStart >= 0;
    }
}

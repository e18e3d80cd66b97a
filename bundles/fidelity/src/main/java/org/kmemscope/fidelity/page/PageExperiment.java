package org.kmemscope.fidelity.page;

import java.util.Optional;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.fidelity.file.Experiment;

/**
 * A request for pages, and the free blocks around it.
 *
 * @param request what was asked and answered
 * @param before per-CPU lists were emptied then
 * @param after while the pages are held
 * @param freed after they were given back, with per-CPU lists emptied
 * @param drained whether per-CPU lists were emptied before {@code after}
 */
record PageExperiment(Experiment request, FreeBlocks before, FreeBlocks after, FreeBlocks freed, boolean drained) {
    private static final int PAGE_SHIFT = 12;

    /** Whether the kernel had pages for it. */
    boolean served() {
        return request.has("pfn");
    }

    /** What it was given. */
    int pfn() {
        return served() ? request.integer("pfn") : PageAllocator.NONE;
    }

    int order() {
        return request.integer("order");
    }

    /** Where it was served from; empty if it failed. */
    String zone() {
        return served() ? request.get("zone") : "";
    }

    /** As people write it: {@code alloc_pages(GFP_KERNEL, 3)}. */
    String text() {
        return "alloc_pages(" + request.get("flags") + ", " + order() + ")";
    }

    /** Whether pages came or went in a zone between two moments beside those of the request. */
    boolean isDisturbed(String zone, FreeBlocks later, boolean held) {
        long own = held && zone.equals(zone()) ? 1L << order() : 0;
        FreeBlocks.Zone then = before.zones().get(zone);
        FreeBlocks.Zone now = later.zones().get(zone);
        return now == null || then.pagesWithLists() - own != now.pagesWithLists();
    }

    /** The block that it was served from, in a machine's types. */
    Optional<Taken> taken(Machine machine, int mask) {
        if (!served()) {
            return Optional.empty();
        }
        return Taken.of(
                pfn(),
                before.zones().get(zone()),
                after.zones().get(zone()),
                order(),
                machine.gfp().migrateType(mask));
    }

    /** Frames before an address. */
    static long frames(long phys) {
        return phys >>> PAGE_SHIFT;
    }

    /** Bytes from the start of memory. */
    static long phys(long pfn) {
        return pfn << PAGE_SHIFT;
    }
}

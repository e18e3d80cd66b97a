package org.kmemscope.api.highmem;

import java.util.List;
import org.kmemscope.api.view.KmapView;

/**
 * A state of the persistent area of {@code kmap()}.
 *
 * @param last the slot at which the last search ended ({@code last_pkmap_nr})
 * @param slots those with a page table entry; a count of 1 is in use by nobody and not flushed yet
 */
public record PkmapState(int last, List<KmapView> slots) {
    /** Keeps an unmodifiable copy. */
    public PkmapState {
        slots = List.copyOf(slots);
    }
}

package org.kmemscope.api.capture;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.slab.SlabState;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.api.vmalloc.VmallocState;

/**
 * What a machine is cloned from.
 *
 * @param profile kernel, processor, memory map, CPUs, options
 * @param pages zones with their counters and free lists; exact pfns in exact order where the capture has them, else any state with the
 *     same {@code buddyinfo}; empty where not even that is known
 * @param exactLists whether the free lists are exact
 * @param caches caches of objects with their counts; empty where not known
 * @param slabs exact state of caches of SLUB; empty where not known
 * @param vmalloc areas of the vmalloc space with their addresses; empty where not known
 * @param notes what had to be assumed, one line each
 */
public record MachineSeed(
        Profile profile,
        Optional<PageState> pages,
        boolean exactLists,
        List<SlabCacheView> caches,
        Optional<SlabState> slabs,
        VmallocState vmalloc,
        List<String> notes) {
    /** Keeps unmodifiable copies. */
    public MachineSeed {
        caches = List.copyOf(caches);
        notes = List.copyOf(notes);
    }
}

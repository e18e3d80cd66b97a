package org.kmemscope.shell.command;

import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.view.SlabCacheView;

/** Finds caches by their names. */
final class Caches {
    private Caches() {}

    static KmemCache find(Machine machine, String name) {
        KmemCache cache = machine.locked(() -> machine.objects().cache(name));
        if (cache.equals(KmemCache.NONE)) {
            throw new Failure("no cache is called " + name
                    + Nearest.hint(
                            name,
                            machine.views().slabCaches().stream()
                                    .map(SlabCacheView::name)
                                    .toList()));
        }
        return cache;
    }
}

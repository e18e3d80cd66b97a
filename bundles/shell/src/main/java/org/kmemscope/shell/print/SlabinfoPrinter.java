package org.kmemscope.shell.print;

import java.util.List;
import java.util.Locale;
import org.kmemscope.api.view.SlabCacheView;

/** {@code /proc/slabinfo}, version 2.1, of SLAB and SLUB alike. */
public final class SlabinfoPrinter {
    private static final String HEADER = "slabinfo - version: 2.1\n"
            + "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"
            + " : tunables <limit> <batchcount> <sharedfactor>"
            + " : slabdata <active_slabs> <num_slabs> <sharedavail>\n";

    private SlabinfoPrinter() {}

    /** The text of the file. */
    public static String text(List<SlabCacheView> caches) {
        StringBuilder out = new StringBuilder(HEADER);
        for (SlabCacheView cache : caches) {
            out.append(String.format(
                    Locale.ROOT,
                    "%-17s %6d %6d %6d %4d %4d : tunables %4d %4d %4d : slabdata %6d %6d %6d\n",
                    cache.name(),
                    cache.activeObjects(),
                    cache.objects(),
                    cache.objectSize(),
                    cache.objectsPerSlab(),
                    cache.pagesPerSlab(),
                    cache.limit(),
                    cache.batchCount(),
                    cache.sharedFactor(),
                    cache.activeSlabs(),
                    cache.slabs(),
                    cache.sharedAvailable()));
        }
        return out.toString();
    }
}

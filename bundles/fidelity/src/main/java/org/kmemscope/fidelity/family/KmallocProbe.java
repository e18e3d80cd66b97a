package org.kmemscope.fidelity.family;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.fidelity.Subject;

/** Asks a machine's kmalloc for its limits by using it. */
final class KmallocProbe {
    private static final int PAGE_SHIFT = 12;
    private static final int FIRST_LARGE = 1 << 20;
    private static final long MOST_ALIGNED = 16;

    private final Machine machine;
    private final Kernel kernel;

    KmallocProbe(Machine machine) {
        this.machine = machine;
        kernel = Subject.kernel(machine);
    }

    /** The cache that a size comes from. */
    String cacheOf(long size) {
        long object = kernel.kmalloc(size, Gfp.GFP_KERNEL);
        String cache = machine.objects()
                .objectAt(object)
                .filter(view -> view.state() != ObjectView.State.LARGE)
                .map(ObjectView::cache)
                .orElse("-");
        kernel.kfree(object);
        return cache;
    }

    private long usable(long size) {
        long object = kernel.kmalloc(size, Gfp.GFP_KERNEL);
        long usable = kernel.ksize(object);
        kernel.kfree(object);
        return usable;
    }

    /** Constants of kmalloc by their kernel names. */
    Map<String, Long> constants() {
        Map<String, Long> constants = new LinkedHashMap<>();
        long smallest = usable(1);
        long largestCache = largestCache();
        long most = machine.objects().kmallocMax();
        constants.put("KMALLOC_MIN_SIZE", smallest);
        constants.put("KMALLOC_SHIFT_LOW", log2(smallest));
        constants.put("KMALLOC_MAX_CACHE_SIZE", largestCache);
        constants.put("KMALLOC_SHIFT_HIGH", log2(largestCache));
        constants.put("KMALLOC_MAX_SIZE", most);
        constants.put("KMALLOC_SHIFT_MAX", log2(most));
        constants.put("KMALLOC_MAX_ORDER", log2(most) - PAGE_SHIFT);
        constants.put("SLAB_OBJ_MIN_SIZE", Math.min(smallest, MOST_ALIGNED));
        constants.put("ARCH_KMALLOC_MINALIGN", align(Caches.view(machine, "kmalloc-192")));
        constants.put("ARCH_SLAB_MINALIGN", align(Caches.trial(machine, 1, 0, 0, ObjectConstructor.NONE)));
        return constants;
    }

    private static long align(java.util.Optional<SlabCacheView> view) {
        return view.map(some -> Long.parseLong(some.attributes().getOrDefault("align", "0")))
                .orElse(0L);
    }

    private long largestCache() {
        long size = FIRST_LARGE;
        while (size > 1 && cacheOf(size).equals("-")) {
            size /= 2;
        }
        return size;
    }

    private static long log2(long value) {
        return Long.SIZE - 1L - Long.numberOfLeadingZeros(value);
    }
}

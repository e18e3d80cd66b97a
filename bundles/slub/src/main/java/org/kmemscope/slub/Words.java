package org.kmemscope.slub;

import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;

/**
 * What the kernel says of its caches, which changed more often than what it does. Formats are for {@link String#format}.
 *
 * @param noMemory first line when a slab cannot be made: mask, and the mask's names
 * @param sizes second line of it: name, object size, size, order and least order
 * @param counts third line: slabs, objects, free objects
 * @param notMade what is said when a cache cannot be made: name, error
 * @param panics what a kernel says that cannot go on without a cache: name, error
 * @param notEmpty what is said when a cache is destroyed that has objects: name
 * @param remaining what is said of each of its slabs: name
 * @param sleeps the place that {@code might_sleep()} names
 */
record Words(
        String noMemory,
        String sizes,
        String counts,
        String notMade,
        String panics,
        String notEmpty,
        String remaining,
        String sleeps) {
    static Words of(KernelVersion version, KernelConfig config) {
        boolean namesMasks = version.isAtLeast(4, 6);
        boolean common = version.isAtLeast(3, 6);
        return new Words(
                namesMasks
                        ? "SLUB: Unable to allocate memory on node -1, gfp=0x%x(%s)"
                        : "SLUB: Unable to allocate memory on node -1 (gfp=0x%x)",
                "  cache: %s, object size: %d, buffer size: %d, default order: %d, min order: %d",
                "  node 0: slabs: %d, objs: %d, free: %d",
                !common
                        ? ""
                        : version.isAtLeast(4, 16)
                                ? "kmem_cache_create_usercopy(%s) failed with error %d"
                                : "kmem_cache_create(%s) failed with error %d",
                !common
                        ? "Cannot create slabcache %s"
                        : version.isAtLeast(4, 16)
                                ? "kmem_cache_create_usercopy: Failed to create slab '%s'. Error %d"
                                : "kmem_cache_create: Failed to create slab '%s'. Error %d",
                version.isAtLeast(3, 6)
                        ? "kmem_cache_destroy %s: Slab cache still has objects"
                        : "SLUB %s: kmem_cache_destroy called for cache that still has objects.",
                version.isAtLeast(3, 6)
                        ? "Objects remaining in %s on __kmem_cache_shutdown()"
                        : version.isAtLeast(3, 1)
                                ? "Objects remaining in %s on kmem_cache_close()"
                                : "Objects remaining on kmem_cache_close()",
                version.isAtLeast(5, 10) ? "include/linux/sched/mm.h" : "mm/slub.c");
    }
}

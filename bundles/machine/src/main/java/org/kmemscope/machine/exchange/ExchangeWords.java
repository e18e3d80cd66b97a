package org.kmemscope.machine.exchange;

import org.kmemscope.api.ground.KernelVersion;

/** What a kernel says of a wrong pointer or a cache that is not empty, by whose object it is; the only place here that looks at a version. */
final class ExchangeWords {
    private static final String SLAB = "slab";
    private static final String SLUB = "slub";

    private final boolean commonCode;

    ExchangeWords(KernelVersion version) {
        // kmem_cache_destroy() of mm/slab_common.c, for all three
        commonCode = version.isAtLeast(3, 7);
    }

    /** How a report of {@code BUG()} begins, in the code of an allocator. */
    static String bug(String allocator) {
        return "kernel BUG at mm/" + allocator + ".c: ";
    }

    /** A second free, with the checks of a debug build, which others would not notice. */
    static String doubleFree(String allocator, String cache) {
        return switch (allocator) {
            // verify_redzone_free()
            case SLAB -> "slab error in verify_redzone_free(): cache `" + cache + "': double free detected";
            // free_consistency_checks()
            case SLUB -> "BUG " + cache + " (Not tainted): Object already free";
            default -> "double free detected";
        };
    }

    /** {@code kmem_cache_free()} to a cache that an object is not of; empty where nothing is logged. */
    static String wrongCache(String allocator, String cache, String owner) {
        return allocator.equals(SLUB)
                ? "cache_from_obj: Wrong slab cache. " + cache + " but object is from " + owner
                : "";
    }

    /** {@code kmem_cache_destroy()} of a cache that has objects. */
    String notEmpty(String allocator, String cache) {
        if (commonCode) {
            return "kmem_cache_destroy " + cache + ": Slab cache still has objects";
        }
        return allocator.equals(SLUB)
                ? "SLUB " + cache + ": kmem_cache_destroy called for cache that still has objects."
                : "slab error in kmem_cache_destroy(): cache `" + cache + "': Can't free all objects";
    }
}

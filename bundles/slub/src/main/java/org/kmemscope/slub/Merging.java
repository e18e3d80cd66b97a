package org.kmemscope.slub;

import org.kmemscope.api.ground.BootOptions;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;

/**
 * Which existing cache can serve a new one as well ({@code find_mergeable}): caches of like objects share their slabs, under several
 * names.
 *
 * <ol>
 *   <li>Neither may have a constructor, debug flags or RCU; kmalloc's own stopped being shared in 4.16.
 *   <li>The objects of the existing one are large enough, and less than a word larger.
 *   <li>Its objects come to lie as the new ones want to be aligned.
 *   <li>Both want the same kind of memory.
 * </ol>
 */
final class Merging {
    private static final int NEVER = SlabFlag.SLAB_RED_ZONE.bit()
            | SlabFlag.SLAB_POISON.bit()
            | SlabFlag.SLAB_STORE_USER.bit()
            | SlabFlag.SLAB_TRACE.bit()
            | SlabFlag.SLAB_TYPESAFE_BY_RCU.bit()
            | SlabFlag.SLAB_FAILSLAB.bit()
            | SlabFlag.SLAB_NOMERGE.bit();

    private final SlubRules rules;
    private final CacheTable caches;

    /**
     * The rules of a kernel.
     *
     * @param on whether caches are merged at all
     * @param oldestFirst whether the oldest cache that will do is taken, since 3.19; before, the newest
     * @param same flags that must be equal ({@code SLAB_MERGE_SAME})
     * @param tracked whether names in sysfs have a {@code t}: kmemcheck may track the objects, 2.6.31 to 4.14
     */
    record Rules(boolean on, boolean oldestFirst, int same, boolean tracked) {
        static Rules of(KernelVersion version, KernelConfig config, BootOptions options) {
            boolean configured = !version.isAtLeast(4, 13) || config.is("SLAB_MERGE_DEFAULT");
            boolean refused = options.has("slub_nomerge") || version.isAtLeast(3, 18) && options.has("slab_nomerge");
            boolean asked = version.isAtLeast(4, 13) && (options.has("slab_merge") || options.has("slub_merge"));
            int same = SlabFlag.SLAB_RECLAIM_ACCOUNT.bit() | SlabFlag.SLAB_CACHE_DMA.bit();
            // consistency checks counted until they cost memory, too
            same |= version.isAtLeast(4, 5) ? SlabFlag.SLAB_ACCOUNT.bit() : SlabFlag.SLAB_CONSISTENCY_CHECKS.bit();
            return new Rules(
                    (configured || asked) && !refused,
                    version.isAtLeast(3, 19),
                    same,
                    version.isAtLeast(2, 6, 31) && !version.isAtLeast(4, 15));
        }
    }

    Merging(Basis basis) {
        rules = basis.rules();
        caches = basis.caches();
    }

    /**
     * The cache that a new one is merged into; null if there is none.
     *
     * @param flags flags of the new one, those of {@code slub_debug=} included
     */
    Cache find(CacheSpec spec, int flags) {
        if (!rules.merging().on() || spec.constructor() != ObjectConstructor.NONE || (flags & NEVER) != 0) {
            return null;
        }
        int words = ObjectLayout.roundUp(spec.size(), ObjectLayout.WORD);
        int align = rules.layout().align(spec.align(), words, flags);
        int size = ObjectLayout.roundUp(words, align);
        Cache found = null;
        for (Cache cache : caches.all()) {
            if (fits(cache, size, align, flags)) {
                found = cache;
                if (!rules.merging().oldestFirst()) {
                    break;
                }
            }
        }
        return found;
    }

    private boolean fits(Cache cache, int size, int align, int flags) {
        return isShared(cache)
                && size <= cache.size()
                && cache.size() - size < ObjectLayout.WORD
                && cache.size() % align == 0
                && ((cache.made.flags() ^ flags) & rules.merging().same()) == 0;
    }

    /** Whether others may be merged into a cache ({@code !slab_unmergeable()}). */
    boolean isShared(Cache cache) {
        return rules.merging().on() && cache.made.shared() && !cache.constructs && (cache.made.flags() & NEVER) == 0;
    }
}

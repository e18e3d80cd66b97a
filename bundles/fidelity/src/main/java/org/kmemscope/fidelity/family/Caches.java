package org.kmemscope.fidelity.family;

import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.fidelity.file.SlabSysfsLine;

/** What the families of objects share: making caches in a machine and looking at them. */
final class Caches {
    /** A constructor that does nothing, for caches that have one. */
    static final ObjectConstructor CONSTRUCTOR = new ObjectConstructor() {
        @Override
        public void construct(long object) {
            // only that there is one matters
        }
    };

    private static final Pattern ACCOUNTED = Pattern.compile(":\\w*A\\w*-.*");
    private static final Map<String, SlabFlag> FLAGS = Map.of(
            "hwcache_align", SlabFlag.SLAB_HWCACHE_ALIGN,
            "cache_dma", SlabFlag.SLAB_CACHE_DMA,
            "reclaim_account", SlabFlag.SLAB_RECLAIM_ACCOUNT,
            "destroy_by_rcu", SlabFlag.SLAB_TYPESAFE_BY_RCU,
            "sanity_checks", SlabFlag.SLAB_CONSISTENCY_CHECKS,
            "red_zone", SlabFlag.SLAB_RED_ZONE,
            "poison", SlabFlag.SLAB_POISON,
            "store_user", SlabFlag.SLAB_STORE_USER);

    private Caches() {}

    /** Why a machine cannot answer for the objects of its kernel; empty if it can. */
    static Optional<String> missing(Machine machine) {
        KernelConfig config = machine.profile().kernel().config();
        String wanted = config.is("SLUB") ? "slub" : config.is("SLOB") ? "slob" : "slab";
        String there = machine.parts().getOrDefault("object", "none");
        return wanted.equals(there)
                ? Optional.empty()
                : Optional.of("objects of " + wanted.toUpperCase(java.util.Locale.ROOT) + ": the machine has " + there);
    }

    /** Bits of flags that are set in {@code /sys/kernel/slab}; accounting has no file there, but a letter in a shared directory's name. */
    static int flags(SlabSysfsLine line) {
        Set<SlabFlag> set = EnumSet.noneOf(SlabFlag.class);
        if (ACCOUNTED.matcher(line.isShared() ? line.name() : line.link()).matches()) {
            set.add(SlabFlag.SLAB_ACCOUNT);
        }
        FLAGS.forEach((attribute, flag) -> {
            if (line.get(attribute) != 0) {
                set.add(flag);
            }
        });
        return bits(set);
    }

    /** Bits of flags. */
    static int bits(Set<SlabFlag> flags) {
        return flags.stream().mapToInt(SlabFlag::bit).reduce(0, (one, other) -> one | other);
    }

    /** The cache with a name, as slabinfo or a further name of it. */
    static Optional<SlabCacheView> view(Machine machine, String name) {
        return machine.objects().caches().stream()
                .filter(view -> view.name().equals(name) || names(view).contains(name))
                .findFirst();
    }

    private static Set<String> names(SlabCacheView view) {
        return Set.of(view.attributes().getOrDefault("names", view.name()).split(" "));
    }

    /** Makes a cache, looks at it, and destroys it again; empty if it cannot be made. */
    static Optional<SlabCacheView> trial(Machine machine, int size, int align, int flags, ObjectConstructor ctor) {
        ObjectAllocator objects = machine.objects();
        String name = "fidelity";
        KmemCache cache = objects.createCache(new CacheSpec(name, size, align, flags, ctor));
        if (cache.id() == 0) {
            return Optional.empty();
        }
        Optional<SlabCacheView> view = view(machine, name);
        objects.destroyCache(cache);
        return view;
    }

    /** The same cache with other attributes. */
    static SlabCacheView with(SlabCacheView view, Map<String, String> attributes) {
        return new SlabCacheView(
                view.name(),
                view.activeObjects(),
                view.objects(),
                view.objectSize(),
                view.objectsPerSlab(),
                view.pagesPerSlab(),
                view.limit(),
                view.batchCount(),
                view.sharedFactor(),
                view.activeSlabs(),
                view.slabs(),
                view.sharedAvailable(),
                attributes);
    }
}

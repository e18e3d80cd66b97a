package org.kmemscope.slub;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;

/** Snapshots of caches and objects for those who look: {@code /proc/slabinfo}, {@code /sys/kernel/slab}. */
final class SlubViews {
    private static final String NONE = "none";

    private final Basis basis;
    private final Slabs slabs;
    private final ObjectFinder finder;
    private final Merging merging;

    SlubViews(Basis basis, ObjectFinder finder) {
        this.basis = basis;
        this.finder = finder;
        slabs = basis.slabs();
        merging = new Merging(basis);
    }

    /** As {@code /proc/slabinfo}: objects that CPUs hold count as in use. */
    List<SlabCacheView> caches() {
        List<SlabCacheView> views = new ArrayList<>();
        Map<Cache, List<String>> names = basis.caches().names();
        for (Cache cache : basis.caches().all()) {
            long free = ObjectCount.freeOnNode(cache, slabs);
            views.add(new SlabCacheView(
                    cache.name(),
                    cache.objects - free,
                    cache.objects,
                    cache.size(),
                    cache.made.objects(),
                    1 << cache.made.order(),
                    0,
                    0,
                    0,
                    cache.slabs,
                    cache.slabs,
                    0,
                    attributes(cache, free, names.getOrDefault(cache, List.of()))));
        }
        return views;
    }

    /** The names are those of the files in {@code /sys/kernel/slab}; what has none there comes last. */
    private Map<String, String> attributes(Cache cache, long free, List<String> names) {
        Cache.Made made = cache.made;
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("object_size", Integer.toString(cache.objectSize));
        facts.put("slab_size", Integer.toString(cache.size()));
        facts.put("order", Integer.toString(made.order()));
        facts.put("objs_per_slab", Integer.toString(made.objects()));
        facts.put("align", Integer.toString(made.layout().align()));
        facts.put("min_partial", Integer.toString(made.minPartial()));
        facts.put("cpu_partial", Integer.toString(made.cpuPartial()));
        flag(facts, "hwcache_align", cache, SlabFlag.SLAB_HWCACHE_ALIGN);
        flag(facts, "cache_dma", cache, SlabFlag.SLAB_CACHE_DMA);
        flag(facts, "reclaim_account", cache, SlabFlag.SLAB_RECLAIM_ACCOUNT);
        facts.put("aliases", Integer.toString(cache.references - 1));
        facts.put("objects", Long.toString(cache.objects - free));
        facts.put("total_objects", Long.toString(cache.objects));
        facts.put("slabs", Long.toString(cache.slabs));
        facts.put("partial", Integer.toString(cache.partialCount));
        facts.put("cpu_slabs", Integer.toString(cpuSlabs(cache)));
        facts.put("objects_partial", Long.toString(partialInUse(cache)));
        facts.put("slabs_cpu_partial", cpuPartialSlabs(cache));
        flag(facts, "destroy_by_rcu", cache, SlabFlag.SLAB_TYPESAFE_BY_RCU);
        flag(facts, "sanity_checks", cache, SlabFlag.SLAB_CONSISTENCY_CHECKS);
        flag(facts, "red_zone", cache, SlabFlag.SLAB_RED_ZONE);
        flag(facts, "poison", cache, SlabFlag.SLAB_POISON);
        flag(facts, "store_user", cache, SlabFlag.SLAB_STORE_USER);
        flag(facts, "trace", cache, SlabFlag.SLAB_TRACE);
        facts.put("ctor", cache.constructs ? "yes" : NONE);
        facts.put("inuse", Integer.toString(cache.inUse));
        facts.put("offset", Integer.toString(made.layout().offset()));
        facts.put("red_left_pad", Integer.toString(made.layout().redLeft()));
        facts.put("min_order", Integer.toString(made.minOrder()));
        facts.put("min_objects", Integer.toString(made.minObjects()));
        facts.put("cpu_partial_slabs", Integer.toString(made.cpuPartialSlabs()));
        facts.put("flags", flags(cache));
        facts.put("allocflags", addedBits(cache));
        facts.put("random", String.format("0x%08x", cache.random));
        facts.put("id", uniqueId(cache));
        facts.put("names", String.join(" ", names));
        facts.put("address", cache.descriptor == 0 ? "static" : String.format("0x%08x", cache.descriptor));
        facts.put("allocs", Long.toString(cache.allocations));
        facts.put("frees", Long.toString(cache.frees));
        return facts;
    }

    private static void flag(Map<String, String> facts, String name, Cache cache, SlabFlag flag) {
        facts.put(name, cache.has(flag) ? "1" : "0");
    }

    private int cpuSlabs(Cache cache) {
        int count = 0;
        for (int cpu = 0; cpu < cache.free.length; cpu++) {
            count += cache.slab[cpu] == Slabs.NONE ? 0 : 1;
            count += cache.partial[cpu] == Slabs.NONE ? 0 : slabs.ahead(cache.partial[cpu]);
        }
        return count;
    }

    private long partialInUse(Cache cache) {
        long inUse = 0;
        for (int slab = cache.partialFirst; slab != Slabs.NONE; slab = slabs.next(slab)) {
            inUse += slabs.inUse(slab);
        }
        return inUse;
    }

    /** Objects, taken to be half of the slabs', and slabs: in all, and of each CPU that has some. */
    private String cpuPartialSlabs(Cache cache) {
        int all = 0;
        StringBuilder byCpu = new StringBuilder();
        for (int cpu = 0; cpu < cache.free.length; cpu++) {
            int count = cache.partial[cpu] == Slabs.NONE ? 0 : slabs.ahead(cache.partial[cpu]);
            all += count;
            if (count > 0) {
                byCpu.append(String.format(" C%d=%d(%d)", cpu, count * cache.made.objects() / 2, count));
            }
        }
        return String.format("%d(%d)", all * cache.made.objects() / 2, all) + byCpu;
    }

    private static String flags(Cache cache) {
        StringJoiner names = new StringJoiner("|");
        for (SlabFlag flag : SlabFlag.of(cache.made.flags())) {
            names.add(flag.name());
        }
        return names.length() == 0 ? NONE : names.toString();
    }

    private String addedBits(Cache cache) {
        StringJoiner names = new StringJoiner("|");
        basis.floor().gfp().parts(cache.made.addedGfp()).forEach(part -> names.add(part.flag()));
        return names.length() == 0 ? NONE : names.toString();
    }

    /** The name of the directory in sysfs: of caches that others are merged into, what they share ({@code create_unique_id()}). */
    private String uniqueId(Cache cache) {
        if (!merging.isShared(cache)) {
            return cache.name();
        }
        StringBuilder letters = new StringBuilder();
        letters.append(cache.has(SlabFlag.SLAB_CACHE_DMA) ? "d" : "");
        letters.append(cache.has(SlabFlag.SLAB_RECLAIM_ACCOUNT) ? "a" : "");
        letters.append(cache.has(SlabFlag.SLAB_CONSISTENCY_CHECKS) ? "F" : "");
        letters.append(basis.rules().merging().tracked() ? "t" : "");
        letters.append(cache.has(SlabFlag.SLAB_ACCOUNT) ? "A" : "");
        return String.format(":%s%s%07d", letters, letters.length() == 0 ? "" : "-", cache.size());
    }

    // ---- objects

    ObjectView object(Place place) {
        return new ObjectView(
                place.cache() == null ? "kmalloc" : place.cache().name(),
                place.start(),
                place.size(),
                place.base(),
                place.index(),
                place.state());
    }

    void describe(long virt, List<AddressFact> facts) {
        Place place = finder.find(virt);
        if (place == null) {
            return;
        }
        facts.add(new AddressFact(SlubProvider.NAME, place.describe()));
        String own = place.state() == ObjectView.State.ALLOCATED ? ownUse(place.start()) : "";
        if (!own.isEmpty()) {
            facts.add(new AddressFact(SlubProvider.NAME, own));
        }
    }

    /** What the allocator itself keeps in an object; empty for those of others. */
    private String ownUse(long object) {
        for (Cache cache : basis.caches().all()) {
            if (cache.descriptor == object) {
                return "struct kmem_cache of cache " + cache.name();
            }
            if (cache.node == object) {
                return "struct kmem_cache_node of cache " + cache.name();
            }
            if (cache.sequence == object) {
                return "random_seq of cache " + cache.name() + ": the order of objects in its slabs";
            }
        }
        return "";
    }
}

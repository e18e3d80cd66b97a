package org.kmemscope.slab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;

/** Snapshots of caches and objects for those who look. */
final class SlabViews {
    private static final int BYTES_PER_KB = 1024;
    private static final String NONE = "none";

    private final Basis basis;
    private final ObjectFinder finder;
    private final CacheFactory factory;

    SlabViews(Basis basis, ObjectFinder finder, CacheFactory factory) {
        this.basis = basis;
        this.finder = finder;
        this.factory = factory;
    }

    List<SlabCacheView> caches() {
        List<SlabCacheView> views = new ArrayList<>();
        for (Cache cache : basis.caches().all()) {
            views.add(view(cache));
        }
        return views;
    }

    private SlabCacheView view(Cache cache) {
        SlabCount count = SlabCount.of(cache, basis.memory());
        return new SlabCacheView(
                cache.name(),
                count.activeObjects(),
                count.objects(),
                cache.geometry.size(),
                cache.geometry.objects(),
                cache.geometry.pages(),
                cache.limit,
                cache.batch,
                cache.sharedFactor,
                count.activeSlabs(),
                count.slabs(),
                cache.shared == null ? 0 : cache.shared.available,
                attributes(cache));
    }

    private Map<String, String> attributes(Cache cache) {
        CacheGeometry geometry = cache.geometry;
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("id", Integer.toString(cache.id));
        facts.put("address", cache.descriptor == 0 ? "static" : String.format("0x%08x", cache.descriptor));
        facts.put("object_size", Integer.toString(cache.spec.size()));
        facts.put("buffer_size", Integer.toString(geometry.size()));
        facts.put("align", Integer.toString(geometry.align()));
        facts.put("gfporder", Integer.toString(geometry.order()));
        facts.put("slab_size", Integer.toString(geometry.managementSize()));
        facts.put(
                "management",
                geometry.offSlab()
                        ? "off slab, in "
                                + basis.caches().byId(cache.managementCache).name()
                        : "on slab");
        facts.put("colour", Integer.toString(geometry.colours()));
        facts.put("colour_off", Integer.toString(geometry.colourStep()));
        facts.put("colour_next", Integer.toString(cache.nextColour));
        facts.put("flags", flags(cache));
        facts.put("gfpflags", addedBits(cache));
        facts.put("ctor", cache.constructor == ObjectConstructor.NONE ? NONE : "yes");
        facts.put("free_objects", Long.toString(cache.freeObjects));
        facts.put("free_limit", Long.toString(cache.freeLimit));
        StringJoiner cpus = new StringJoiner(" ");
        for (ObjectArray array : cache.arrays) {
            cpus.add(array.available + "/" + array.limit);
        }
        facts.put("array", cpus.toString());
        facts.put("allocs", Long.toString(cache.allocations));
        facts.put("frees", Long.toString(cache.frees));
        facts.put("allochit", Long.toString(cache.hits));
        facts.put("grown", Long.toString(cache.grown));
        facts.put("reaped", Long.toString(cache.reaped));
        return facts;
    }

    private static String flags(Cache cache) {
        StringJoiner names = new StringJoiner("|");
        for (SlabFlag flag : SlabFlag.of(cache.spec.flags() & ~CacheFactory.DEBUG_FLAGS)) {
            // its name in these kernels
            names.add(flag == SlabFlag.SLAB_TYPESAFE_BY_RCU ? "SLAB_DESTROY_BY_RCU" : flag.name());
        }
        return names.length() == 0 ? NONE : names.toString();
    }

    private String addedBits(Cache cache) {
        StringJoiner names = new StringJoiner("|");
        basis.floor().gfp().parts(cache.addedBits).forEach(part -> names.add(part.flag()));
        return names.length() == 0 ? NONE : names.toString();
    }

    ObjectView object(Place place) {
        return new ObjectView(
                place.cache().name(),
                place.start(),
                place.cache().geometry.size(),
                place.base(),
                place.index(),
                place.state());
    }

    void describe(long virt, List<AddressFact> facts) {
        Place place = finder.find(virt);
        if (place == null) {
            return;
        }
        facts.add(new AddressFact(SlabProvider.NAME, place.describe()));
        String own = place.part() == Place.Part.OBJECT ? ownUse(place) : "";
        if (!own.isEmpty()) {
            facts.add(new AddressFact(SlabProvider.NAME, own));
        }
    }

    /** What the allocator itself keeps in an object; empty for those of others. */
    private String ownUse(Place place) {
        long object = place.start();
        for (Cache cache : basis.caches().all()) {
            if (place.cache().id == factory.descriptorCache() && cache.descriptor == object) {
                return "struct kmem_cache of cache " + cache.name();
            }
            if (cache.lists == object) {
                return "struct kmem_list3 of cache " + cache.name() + ": heads of its lists of slabs";
            }
            for (int cpu = 0; cpu < cache.arrays.length; cpu++) {
                if (cache.arrays[cpu].home == object) {
                    return "struct array_cache of cache " + cache.name() + " on CPU " + cpu;
                }
            }
            if (cache.shared != null && cache.shared.home == object) {
                return "shared struct array_cache of cache " + cache.name();
            }
        }
        return place.state() == ObjectView.State.ALLOCATED ? managedSlab(object) : "";
    }

    /** The slab whose management an object is, if that is what it is. */
    private String managedSlab(long object) {
        long first = basis.memory().firstObject(object);
        Place managed = finder.find(first);
        if (managed == null || !managed.cache().geometry.offSlab()) {
            return "";
        }
        int pfn = basis.floor().layout().virtToPfn(first);
        boolean names = basis.floor().frames().prev(pfn) == (int) object;
        return names
                ? String.format(
                        "struct slab of the slab of %d kB at 0x%08x of cache %s",
                        managed.cache().geometry.bytes() / BYTES_PER_KB,
                        managed.base(),
                        managed.cache().name())
                : "";
    }
}

package org.kmemscope.slub;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.slab.SlabHandover;

/**
 * How the allocator leaves a machine, with objects in the hands of others.
 *
 * <ol>
 *   <li>What it holds for itself is let go: {@code struct kmem_cache}, {@code struct kmem_cache_node}, shuffled orders. What is on free
 *       lists, of CPUs and others, was free all the time.
 *   <li>Each slab with an object that is still live is handed over, and so is an empty one of SLAB_TYPESAFE_BY_RCU, which readers may
 *       still look at. So are large objects, which are blocks with one object.
 *   <li>The pages of all other slabs go back to the page allocator.
 * </ol>
 *
 * <p>An object of merged caches is said to be of the oldest of them. It goes by {@code struct page} and by what is live, and reads nothing
 * in RAM: so it works as well when a wild write has hit free pointers. Linux cannot do this.
 */
final class Departure {
    private final Basis basis;
    private final ObjectPaths objects;
    private final CacheFactory factory;
    private final SlabMaker maker;
    private final Slabs slabs;
    private final PageFrames frames;
    private final AddressLayout layout;
    /** Oldest handle that users have of a cache. */
    private final Map<Cache, Integer> owners = new HashMap<>();

    private final List<SlabHandover.Cache> caches = new ArrayList<>();
    private final List<SlabHandover.Block> blocks = new ArrayList<>();

    Departure(Basis basis, Parts parts, ObjectPaths objects, CacheFactory factory) {
        this.basis = basis;
        this.objects = objects;
        this.factory = factory;
        maker = parts.maker();
        slabs = basis.slabs();
        frames = basis.floor().frames();
        layout = basis.floor().layout();
    }

    SlabHandover run() {
        for (Cache cache : basis.caches().all()) {
            objects.forget(cache.sequence);
            objects.forget(cache.node);
            objects.forget(cache.descriptor);
        }
        factory.created().forEach(this::handOver);
        for (int pfn = frames.firstPfn(); pfn < layout.maxLowPfn(); ) {
            int slab = slabs.of(pfn);
            int order = slab == Slabs.NONE ? frames.compoundOrder(pfn) : slabs.order(slab);
            if (slab != Slabs.NONE) {
                leave(basis.caches().byNumber(slabs.cache(slab)), slab);
            } else if (LargeObjects.isLarge(frames, pfn)) {
                leaveLarge(pfn, order);
            }
            pfn += 1 << order;
        }
        return new SlabHandover(SlubProvider.NAME, basis.caches().lastHandle(), caches, blocks);
    }

    private void handOver(int handle, CacheSpec spec) {
        KmemCache known = new KmemCache(handle, spec.name());
        Cache cache = basis.caches().behind(known);
        caches.add(new SlabHandover.Cache(known, spec, cache.name()));
        if (!cache.made.kmalloc()) {
            owners.putIfAbsent(cache, handle);
        }
    }

    private void leave(Cache cache, int slab) {
        int pfn = slabs.pfn(slab);
        int order = slabs.order(slab);
        int count = slabs.liveObjects(slab);
        boolean afterGracePeriod = cache.has(SlabFlag.SLAB_TYPESAFE_BY_RCU);
        if (count == 0 && !afterGracePeriod) {
            maker.release(slab);
            return;
        }
        int[] offsets = new int[count];
        int found = 0;
        for (int index = 0; found < count; index++) {
            if (slabs.isLive(slab, index)) {
                offsets[found++] = (int) (slabs.object(slab, index) - slabs.base(slab));
            }
        }
        slabs.remove(slab);
        blocks.add(new SlabHandover.Block(
                pfn,
                order,
                offsets,
                filled(count, (int) ObjectPaths.usable(cache)),
                filled(count, owners.getOrDefault(cache, KmemCache.NONE.id())),
                cache.name(),
                afterGracePeriod));
    }

    private void leaveLarge(int pfn, int order) {
        LargeObjects.unmark(frames, pfn);
        blocks.add(new SlabHandover.Block(
                pfn, order, new int[1], filled(1, Profile.PAGE_SIZE << order), new int[1], "", false));
    }

    private static int[] filled(int length, int value) {
        int[] values = new int[length];
        Arrays.fill(values, value);
        return values;
    }
}

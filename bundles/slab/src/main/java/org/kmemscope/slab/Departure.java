package org.kmemscope.slab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.slab.SlabHandover;

/**
 * How the allocator leaves a machine, with objects in the hands of others.
 *
 * <ol>
 *   <li>What it holds for itself is let go: {@code struct kmem_cache}, list heads, arrays, and {@code struct slab} off the slabs. Objects in
 *       arrays were free all the time.
 *   <li>Each slab with an object that is still live is handed over, and so is an empty one of SLAB_DESTROY_BY_RCU, which readers may
 *       still look at.
 *   <li>The pages of all other slabs go back to the page allocator.
 * </ol>
 *
 * <p>It goes by {@code struct page} and by what is live, and reads nothing in RAM: so it works as well when a wild write has hit the slabs'
 * own structures. Linux cannot do this.
 */
final class Departure {
    private static final long ADDRESS_MASK = 0xffff_ffffL;

    private final Basis basis;
    private final ObjectPaths objects;
    private final CacheFactory factory;
    private final PageFrames frames;
    private final AddressLayout layout;
    private final List<SlabHandover.Block> blocks = new ArrayList<>();

    Departure(Basis basis, ObjectPaths objects, CacheFactory factory) {
        this.basis = basis;
        this.objects = objects;
        this.factory = factory;
        frames = basis.floor().frames();
        layout = basis.floor().layout();
    }

    SlabHandover run() {
        basis.caches().all().forEach(this::letGo);
        for (int pfn = frames.firstPfn(); pfn < layout.maxLowPfn(); ) {
            Cache cache = frames.is(pfn, PageFlag.SLAB) ? basis.caches().byId(frames.next(pfn)) : null;
            if (cache != null && cache.geometry.offSlab()) {
                objects.forget(frames.prev(pfn) & ADDRESS_MASK);
            }
            pfn += cache == null ? 1 : cache.geometry.pages();
        }
        for (int pfn = frames.firstPfn(); pfn < layout.maxLowPfn(); ) {
            Cache cache = frames.is(pfn, PageFlag.SLAB) ? basis.caches().byId(frames.next(pfn)) : null;
            if (cache != null) {
                leave(cache, pfn);
            }
            pfn += cache == null ? 1 : cache.geometry.pages();
        }
        return new SlabHandover(SlabProvider.NAME, basis.caches().lastId(), created(), blocks);
    }

    private void letGo(Cache cache) {
        for (ObjectArray array : cache.arrays) {
            objects.forget(array.home);
        }
        objects.forget(cache.shared == null ? 0 : cache.shared.home);
        objects.forget(cache.lists);
        objects.forget(cache.descriptor);
    }

    private void leave(Cache cache, int pfn) {
        long base = layout.pfnToVirt(pfn);
        long[] live = new long[cache.geometry.objects()];
        int count = 0;
        for (int page = pfn; page < pfn + cache.geometry.pages(); page++) {
            count = basis.live().collect(layout.pfnToVirt(page), live, count);
        }
        objects.maker().clearPages(cache, pfn);
        boolean afterGracePeriod = cache.has(SlabFlag.SLAB_TYPESAFE_BY_RCU);
        if (count == 0 && !afterGracePeriod) {
            basis.floor().pages().freePages(pfn, cache.geometry.order());
            return;
        }
        int[] offsets = new int[count];
        for (int i = 0; i < count; i++) {
            offsets[i] = (int) (live[i] - base);
        }
        blocks.add(new SlabHandover.Block(
                pfn,
                cache.geometry.order(),
                offsets,
                filled(count, cache.geometry.size()),
                filled(count, factory.isOwn(cache) ? Cache.NO_CACHE : cache.id),
                cache.name(),
                afterGracePeriod));
    }

    private static int[] filled(int length, int value) {
        int[] values = new int[length];
        Arrays.fill(values, value);
        return values;
    }

    /** Caches that others created, oldest first. */
    private List<SlabHandover.Cache> created() {
        List<SlabHandover.Cache> created = new ArrayList<>();
        for (Cache cache : basis.caches().all()) {
            if (!factory.isOwn(cache)) {
                created.add(new SlabHandover.Cache(cache.handle, cache.spec, cache.name()));
            }
        }
        Collections.reverse(created);
        return created;
    }
}

package org.kmemscope.machine.exchange;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;

/** Tells what is known of the objects that were handed over: for those who look, and for complaints. */
final class HandedOverPlaces {
    private static final String LARGE = "kmalloc";

    private final HandedOver store;
    private final Caches caches;

    HandedOverPlaces(HandedOver store, Caches caches) {
        this.store = store;
        this.caches = caches;
    }

    /** Name of the cache that an object is of; {@code kmalloc} if it came from no cache. */
    String cacheOf(int block, int object) {
        String name =
                object == HandedOver.NONE ? "" : caches.name(store.objects().cache(object));
        if (!name.isEmpty()) {
            return name;
        }
        return store.slabs(block).isEmpty() ? LARGE : store.slabs(block);
    }

    /** One line about an address in a block. */
    String describe(long virt) {
        int block = store.block(virt);
        int object = store.objectAt(block, virt);
        String where = String.format(
                "%s 0x%08x of %s, left by %s",
                store.slabs(block).isEmpty() ? "pages" : "slab",
                store.base(block),
                (store.slabs(block).isEmpty() ? "" : "cache ") + cacheOf(block, object),
                store.from(block));
        if (object == HandedOver.NONE) {
            return "no object that somebody held, in " + where;
        }
        long start = store.address(block, object);
        return String.format(
                "object of %s, %s, offset +%d (object 0x%08x-0x%08x)",
                where,
                store.objects().isLive(object) ? "allocated" : "free",
                virt - start,
                start,
                start + store.objects().size(object));
    }

    /** The object at an address in a block, if one is known there. */
    Optional<ObjectView> objectAt(long virt) {
        int block = store.block(virt);
        int object = store.objectAt(block, virt);
        return object == HandedOver.NONE
                ? Optional.empty()
                : Optional.of(new ObjectView(
                        cacheOf(block, object),
                        store.address(block, object),
                        store.objects().size(object),
                        store.base(block),
                        store.index(block, object),
                        state(block, object)));
    }

    private ObjectView.State state(int block, int object) {
        if (!store.objects().isLive(object)) {
            return ObjectView.State.FREE;
        }
        return store.slabs(block).isEmpty() && store.count(block) == 1
                ? ObjectView.State.LARGE
                : ObjectView.State.ALLOCATED;
    }

    // ---- slabinfo

    /** What was handed over of one cache. */
    private static final class Tally {
        long objects;
        long slabs;
        int size;
        int pages;
    }

    /**
     * Adds what was handed over to what the bound allocator shows. A cache that it does not have, such as one behind the kmalloc of the
     * allocator before, has a line of its own as long as there is an object of it. Only what is still held counts: the free part of such a
     * slab is of no use to anybody.
     */
    List<SlabCacheView> merge(List<SlabCacheView> bound) {
        if (store.heldBlocks() == 0) {
            return bound;
        }
        Map<String, Tally> tallies = tally();
        List<SlabCacheView> all = new ArrayList<>();
        for (SlabCacheView view : bound) {
            Tally tally = tallies.remove(view.name());
            all.add(tally == null ? view : merged(view, tally));
        }
        tallies.forEach((name, tally) -> all.add(alone(name, tally)));
        return all;
    }

    private Map<String, Tally> tally() {
        Map<String, Tally> tallies = new LinkedHashMap<>();
        for (int block = 0; block < store.blocks(); block++) {
            // large blocks and the like are in no line of slabinfo in Linux either
            if (store.isHeld(block)) {
                tally(tallies, block);
            }
        }
        return tallies;
    }

    private void tally(Map<String, Tally> tallies, int block) {
        if (!store.slabs(block).isEmpty()) {
            Tally slab = tallies.computeIfAbsent(store.slabs(block), name -> new Tally());
            slab.slabs++;
            slab.pages = 1 << store.order(block);
        }
        for (int i = 0; i < store.count(block); i++) {
            int object = store.first(block) + i;
            int cache = store.objects().cache(object);
            if (store.objects().isLive(object)
                    && (cache != 0 || !store.slabs(block).isEmpty())) {
                Tally tally = tallies.computeIfAbsent(cacheOf(block, object), name -> new Tally());
                tally.objects++;
                tally.size = store.objects().size(object);
            }
        }
    }

    private static SlabCacheView merged(SlabCacheView view, Tally tally) {
        Map<String, String> attributes = new LinkedHashMap<>(view.attributes());
        attributes.put("handed_over", handedOver(tally));
        return new SlabCacheView(
                view.name(),
                view.activeObjects() + tally.objects,
                view.objects() + tally.objects,
                view.objectSize(),
                view.objectsPerSlab(),
                view.pagesPerSlab(),
                view.limit(),
                view.batchCount(),
                view.sharedFactor(),
                view.activeSlabs() + tally.slabs,
                view.slabs() + tally.slabs,
                view.sharedAvailable(),
                attributes);
    }

    private static SlabCacheView alone(String name, Tally tally) {
        int pages = Math.max(1, tally.pages);
        int size = Math.max(1, tally.size);
        return new SlabCacheView(
                name,
                tally.objects,
                tally.objects,
                size,
                Math.max(1, pages * Profile.PAGE_SIZE / size),
                pages,
                0,
                0,
                0,
                tally.slabs,
                tally.slabs,
                0,
                Map.of("handed_over", handedOver(tally)));
    }

    private static String handedOver(Tally tally) {
        return ParkedObjects.count(tally.objects, "object") + " in " + ParkedObjects.count(tally.slabs, "slab");
    }

    /** Whether an object may be freed to a cache. */
    boolean isOf(int block, int object, KmemCache cache) {
        int owner = store.objects().cache(object);
        String slabs = store.slabs(block);
        return owner == cache.id()
                || !slabs.isEmpty() && (caches.mayUse(cache.id(), slabs) || owner == 0 && slabs.equals(cache.name()));
    }
}

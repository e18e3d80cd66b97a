package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;

/**
 * The simplest object allocator that can be exchanged: slabs of one page, sizes rounded up to words of 8 bytes for caches and to powers of
 * two for kmalloc, larger ones as pages. Tests make it misbehave through {@link Maker}.
 */
final class PlainObjects implements ObjectAllocator {
    private static final int SMALLEST = 32;
    private static final String KMALLOC = "plain-";

    private final PageFloor floor;
    private final Maker maker;
    private final Map<Integer, Cache> caches = new LinkedHashMap<>();
    private final TreeMap<Long, Slab> slabs = new TreeMap<>();
    private int lastId;

    /** Makes them. */
    static class Maker implements ObjectAllocatorProvider {
        final String name;
        /** What to do before an allocation of so many bytes. */
        Consumer<Long> beforeAllocation = size -> {};
        /** What to do when everything of a new instance is there. */
        Consumer<PageFloor> whenMade = floor -> {};
        /** What to make of a handover. */
        UnaryOperator<SlabHandover> whenLeaving = handover -> handover;

        Maker(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public ObjectAllocator create(PageFloor floor, SlabHandover handover) {
            PlainObjects made = new PlainObjects(floor, this, handover);
            whenMade.accept(floor);
            return made;
        }
    }

    private record Cache(KmemCache handle, CacheSpec spec, int size, boolean own) {}

    private static final class Slab {
        final Cache cache;
        final int order;
        final BitSet live = new BitSet();

        Slab(Cache cache, int order) {
            this.cache = cache;
            this.order = order;
        }

        int capacity() {
            return order > 0 ? 1 : Profile.PAGE_SIZE / cache.size;
        }
    }

    private PlainObjects(PageFloor floor, Maker maker, SlabHandover handover) {
        this.floor = floor;
        this.maker = maker;
        lastId = handover.lastCacheId();
        for (int size = SMALLEST; size <= Profile.PAGE_SIZE; size *= 2) {
            add(new KmemCache(++lastId, KMALLOC + size), spec(KMALLOC + size, size), true);
        }
        handover.caches().forEach(cache -> add(cache.handle(), cache.spec(), false));
        floor.clock().register(maker.name + ": tick", unused -> {});
        floor.clock().schedule(10, maker.name + ": tick", 0);
    }

    private static CacheSpec spec(String name, int size) {
        return new CacheSpec(name, size, 0, 0, ObjectConstructor.NONE);
    }

    private Cache add(KmemCache handle, CacheSpec spec, boolean own) {
        Cache cache = new Cache(handle, spec, (spec.size() + 7) & -8, own);
        caches.put(handle.id(), cache);
        return cache;
    }

    @Override
    public String name() {
        return maker.name;
    }

    @Override
    public long kmalloc(long size, int gfp) {
        maker.beforeAllocation.accept(size);
        if (size > Profile.PAGE_SIZE) {
            int order = Integer.SIZE - Integer.numberOfLeadingZeros((int) ((size - 1) >>> Profile.PAGE_SHIFT));
            int pfn = floor.pages().allocPages(gfp, order);
            if (pfn < 0) {
                return 0;
            }
            Slab slab = new Slab(new Cache(KmemCache.NONE, spec("", 0), Profile.PAGE_SIZE << order, true), order);
            slab.live.set(0);
            slabs.put(floor.layout().pfnToVirt(pfn), slab);
            return floor.layout().pfnToVirt(pfn);
        }
        for (Cache cache : caches.values()) {
            if (cache.own && cache.size >= size) {
                return take(cache, gfp);
            }
        }
        throw new IllegalStateException("no class for " + size);
    }

    private long take(Cache cache, int gfp) {
        for (Map.Entry<Long, Slab> entry : slabs.entrySet()) {
            Slab slab = entry.getValue();
            int index = slab.live.nextClearBit(0);
            if (slab.cache == cache && index < slab.capacity()) {
                slab.live.set(index);
                return entry.getKey() + (long) index * cache.size;
            }
        }
        int pfn = floor.pages().allocPages(gfp, 0);
        if (pfn < 0) {
            return 0;
        }
        floor.frames().set(pfn, PageFlag.SLAB);
        slabs.put(floor.layout().pfnToVirt(pfn), new Slab(cache, 0));
        return take(cache, gfp);
    }

    private Map.Entry<Long, Slab> slabOf(long object) {
        Map.Entry<Long, Slab> entry = slabs.floorEntry(object);
        if (entry == null
                || object >= entry.getKey() + ((long) Profile.PAGE_SIZE << entry.getValue().order)
                || !entry.getValue().live.get((int) (object - entry.getKey()) / entry.getValue().cache.size)) {
            throw new KernelBug(String.format("kernel BUG at mm/plain.c: 0x%08x is no object", object));
        }
        return entry;
    }

    @Override
    public void kfree(long object) {
        if (object <= ZERO_SIZE_PTR) {
            return;
        }
        Map.Entry<Long, Slab> entry = slabOf(object);
        Slab slab = entry.getValue();
        slab.live.clear((int) (object - entry.getKey()) / slab.cache.size);
        if (slab.live.isEmpty()) {
            release(entry.getKey(), slab);
        }
    }

    private void release(long base, Slab slab) {
        int pfn = floor.layout().virtToPfn(base);
        floor.frames().clear(pfn, PageFlag.SLAB);
        floor.pages().freePages(pfn, slab.order);
        slabs.remove(base);
    }

    @Override
    public long ksize(long object) {
        return slabOf(object).getValue().cache.size;
    }

    private Cache known(KmemCache handle) {
        Cache cache = caches.get(handle.id());
        if (cache == null) {
            throw new KernelBug("kernel BUG at mm/plain.c: cache " + handle.name() + " does not exist");
        }
        return cache;
    }

    @Override
    public KmemCache createCache(CacheSpec spec) {
        return add(new KmemCache(++lastId, spec.name()), spec, false).handle;
    }

    @Override
    public boolean destroyCache(KmemCache handle) {
        Cache cache = known(handle);
        if (slabs.values().stream().anyMatch(slab -> slab.cache == cache)) {
            return false;
        }
        caches.remove(handle.id());
        return true;
    }

    @Override
    public long allocObject(KmemCache cache, int gfp) {
        maker.beforeAllocation.accept((long) known(cache).size);
        return take(known(cache), gfp);
    }

    @Override
    public void freeObject(KmemCache cache, long object) {
        if (slabOf(object).getValue().cache != known(cache)) {
            throw new KernelBug("kernel BUG at mm/plain.c: object of another cache");
        }
        kfree(object);
    }

    @Override
    public int shrinkCache(KmemCache cache) {
        return 0;
    }

    @Override
    public KmemCache cache(String name) {
        return caches.values().stream()
                .map(Cache::handle)
                .filter(handle -> handle.name().equals(name))
                .findFirst()
                .orElse(KmemCache.NONE);
    }

    @Override
    public int objectSize(KmemCache cache) {
        return known(cache).size;
    }

    @Override
    public long kmallocMax() {
        return 1 << 20;
    }

    @Override
    public List<SlabCacheView> caches() {
        List<SlabCacheView> views = new ArrayList<>();
        for (Cache cache : caches.values()) {
            List<Slab> of =
                    slabs.values().stream().filter(slab -> slab.cache == cache).toList();
            long live = of.stream().mapToLong(slab -> slab.live.cardinality()).sum();
            int perSlab = Profile.PAGE_SIZE / cache.size;
            views.add(new SlabCacheView(
                    cache.handle.name(),
                    live,
                    (long) of.size() * perSlab,
                    cache.size,
                    perSlab,
                    1,
                    0,
                    0,
                    0,
                    of.size(),
                    of.size(),
                    0,
                    Map.of()));
        }
        return views;
    }

    @Override
    public SlabHandover detach() {
        List<SlabHandover.Block> blocks = new ArrayList<>();
        slabs.forEach((base, slab) -> {
            int pfn = floor.layout().virtToPfn(base);
            floor.frames().clear(pfn, PageFlag.SLAB);
            int[] indexes = slab.live.stream().toArray();
            int[] offsets =
                    Arrays.stream(indexes).map(index -> index * slab.cache.size).toArray();
            int[] sizes = Arrays.stream(indexes).map(index -> slab.cache.size).toArray();
            int[] owners = Arrays.stream(indexes)
                    .map(index -> slab.cache.own ? 0 : slab.cache.handle.id())
                    .toArray();
            blocks.add(
                    new SlabHandover.Block(pfn, slab.order, offsets, sizes, owners, slab.cache.handle.name(), false));
        });
        List<SlabHandover.Cache> created = caches.values().stream()
                .filter(cache -> !cache.own)
                .map(cache -> new SlabHandover.Cache(cache.handle, cache.spec, cache.handle.name()))
                .toList();
        slabs.clear();
        return maker.whenLeaving.apply(new SlabHandover(maker.name, lastId, created, blocks));
    }

    @Override
    public Optional<ObjectView> objectAt(long virt) {
        return Optional.empty();
    }

    @Override
    public void verify(Verification report) {
        slabs.forEach((base, slab) -> report.claim(floor.layout().virtToPfn(base), 1 << slab.order, "plain"));
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        // the tests ask for what was handed over
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(lastId);
        out.putInt(caches.size());
        for (Cache cache : caches.values()) {
            cache.handle.save(out);
            cache.spec.save(out);
            out.putBoolean(cache.own);
        }
        out.putInt(slabs.size());
        slabs.forEach((base, slab) -> {
            out.putLong(base);
            out.putInt(slab.cache.handle.id());
            out.putInt(slab.cache.size);
            out.putInt(slab.order);
            out.putLongs(slab.live.toLongArray());
        });
    }

    @Override
    public void restore(StateReader in) {
        lastId = in.getInt();
        caches.clear();
        for (int left = in.getInt(); left > 0; left--) {
            add(KmemCache.restore(in), CacheSpec.restore(in), in.getBoolean());
        }
        slabs.clear();
        for (int left = in.getInt(); left > 0; left--) {
            long base = in.getLong();
            int id = in.getInt();
            int size = in.getInt();
            Cache cache = id == 0 ? new Cache(KmemCache.NONE, spec("", 0), size, true) : caches.get(id);
            Slab slab = new Slab(cache, in.getInt());
            slab.live.or(BitSet.valueOf(in.getLongs()));
            slabs.put(base, slab);
        }
    }
}

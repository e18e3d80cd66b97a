package com.example.firstfit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;

/**
 * An object allocator that gives each object the first row of free cells that is long enough.
 *
 * <pre>
 *   small object     | number of its cache, size | object ...       8 bytes before the object, in simulated RAM; see Cells
 *   large object     pages of its own; the same two numbers in struct page
 * </pre>
 */
final class FirstFit implements ObjectAllocator {
    private static final int NONE = PageAllocator.NONE;
    private static final int SIZE_IN_HEADER = 4;
    private static final String KMALLOC = "kmalloc";
    private static final String GRACE_PERIOD = "firstfit: RCU grace period";

    private final PageFloor floor;
    private final PageAllocator pages;
    private final PageFrames frames;
    private final AddressLayout layout;
    private final Caches caches = new Caches();
    private final Cells cells;
    /** By frame: log2 of the pages of the large object that begins there, plus 1; negative if it waits for a grace period. */
    private final int[] large;
    /** By frame: whether objects of SLAB_TYPESAFE_BY_RCU caches were there since the page was taken. */
    private final boolean[] readByRcu;

    private final int firstPfn;
    private final int mayWait;
    private final int zero;
    private final int compound;
    private final int dma;

    FirstFit(PageFloor floor, SlabHandover handover) {
        this.floor = floor;
        pages = floor.pages();
        frames = floor.frames();
        layout = floor.layout();
        cells = new Cells(layout);
        firstPfn = layout.minLowPfn();
        large = new int[layout.maxLowPfn() - firstPfn];
        readByRcu = new boolean[large.length];
        mayWait = floor.gfp().orZero(Gfp.__GFP_WAIT) | floor.gfp().orZero(Gfp.__GFP_DIRECT_RECLAIM);
        zero = floor.gfp().of(Gfp.__GFP_ZERO);
        compound = floor.gfp().of(Gfp.__GFP_COMP);
        dma = floor.gfp().of(Gfp.__GFP_DMA);
        caches.adopt(handover);
        floor.clock().register(GRACE_PERIOD, pfn -> giveIfEmpty((int) pfn));
    }

    @Override
    public String name() {
        return FirstFitProvider.NAME;
    }

    // ---- taking

    @Override
    public long kmalloc(long size, int gfp) {
        if (size == 0) {
            return ZERO_SIZE_PTR;
        }
        if (size < 0 || size > kmallocMax()) {
            return 0;
        }
        long object = take((int) size, 1, 0, gfp);
        if (floor.trace().on(TracePoint.KMALLOC)) {
            floor.trace().fire(TracePoint.KMALLOC, floor.context().callSite(), object, size, size, gfp);
        }
        return object;
    }

    @Override
    public long allocObject(KmemCache handle, int gfp) {
        Caches.Entry cache = caches.known(handle, "kmem_cache_alloc");
        long object = take(cache.spec.size(), cache.spec.align(), handle.id(), gfp);
        if (object == 0) {
            return 0;
        }
        readByRcu[layout.virtToPfn(object) - firstPfn] |= isRcu(cache);
        if (cache.spec.constructor() != ObjectConstructor.NONE) {
            try {
                cache.spec.constructor().construct(object);
            } catch (RuntimeException failed) {
                give(object);
                throw failed;
            }
        }
        cache.live++;
        return object;
    }

    private static boolean isRcu(Caches.Entry cache) {
        return (cache.spec.flags() & SlabFlag.SLAB_TYPESAFE_BY_RCU.bit()) != 0;
    }

    private long take(int size, int align, int cache, int gfp) {
        if ((gfp & mayWait) != 0) {
            floor.context().mightSleep("firstfit");
        }
        boolean aligned = align > Cells.HEADER;
        boolean small = Cells.needed(size, aligned) <= Cells.PER_PAGE && align <= Cells.SIZE;
        long object = small ? takeCells(Cells.needed(size, aligned), aligned, gfp & ~zero) : takePages(size, gfp & ~zero);
        if (object == 0) {
            return 0;
        }
        if (small) {
            long header = layout.virtToPhys(object - Cells.HEADER);
            floor.ram().write32(header, cache);
            floor.ram().write32(header + SIZE_IN_HEADER, size);
        } else {
            frames.setNext(layout.virtToPfn(object), cache);
            frames.setPrev(layout.virtToPfn(object), size);
        }
        if ((gfp & zero) != 0) {
            floor.ram().fill(layout.virtToPhys(object), size, 0);
        }
        return object;
    }

    private long takeCells(int wanted, boolean aligned, int gfp) {
        for (int i = 0; i < cells.pageCount(); i++) {
            int pfn = cells.page(i);
            boolean rightZone = (gfp & dma) == 0 || pages.zoneType(frames.zone(pfn)) == ZoneType.DMA;
            int offset = rightZone ? cells.take(pfn, wanted, aligned) : Cells.NONE;
            if (offset != Cells.NONE) {
                return layout.pfnToVirt(pfn) + offset;
            }
        }
        int pfn = pages.allocPages(gfp, 0);
        if (pfn == NONE) {
            return 0;
        }
        frames.set(pfn, PageFlag.SLAB);
        cells.addPage(pfn);
        return layout.pfnToVirt(pfn) + cells.take(pfn, wanted, aligned);
    }

    private long takePages(int size, int gfp) {
        int order = Long.SIZE - Long.numberOfLeadingZeros(size - 1L >>> Profile.PAGE_SHIFT);
        int pfn = pages.allocPages(gfp | compound, order);
        if (pfn == NONE) {
            return 0;
        }
        large[pfn - firstPfn] = order + 1;
        return layout.pfnToVirt(pfn);
    }

    // ---- giving back

    @Override
    public void kfree(long object) {
        if (floor.trace().on(TracePoint.KFREE)) {
            floor.trace().fire(TracePoint.KFREE, floor.context().callSite(), object);
        }
        if (object >= 0 && object <= ZERO_SIZE_PTR) {
            return;
        }
        int cache = cacheOf(object, "kfree");
        give(object);
        if (cache != 0) {
            caches.byId(cache).live--;
        }
    }

    @Override
    public void freeObject(KmemCache handle, long object) {
        Caches.Entry cache = caches.known(handle, "kmem_cache_free");
        if (cacheOf(object, "kmem_cache_free") != handle.id()) {
            throw bug("kmem_cache_free() to cache `%s' of 0x%08x, which is of another", handle.name(), object);
        }
        give(object);
        cache.live--;
    }

    private static KernelBug bug(String format, Object... arguments) {
        return new KernelBug("kernel BUG at firstfit: " + String.format(format, arguments));
    }

    private void give(long object) {
        int pfn = layout.virtToPfn(object);
        if (isLarge(pfn)) {
            large[pfn - firstPfn] = -large[pfn - firstPfn];
        } else {
            cells.give(pfn, cells.ofObject(pfn, object));
        }
        if (readByRcu[pfn - firstPfn]) {
            floor.clock().schedule(1, GRACE_PERIOD, pfn);
        } else {
            giveIfEmpty(pfn);
        }
    }

    /** Nobody looks at a page any more: it goes back, if nothing was put there in the meantime. */
    private void giveIfEmpty(int pfn) {
        int order = large[pfn - firstPfn];
        boolean emptyCells = order == 0 && frames.is(pfn, PageFlag.SLAB) && cells.isEmpty(pfn);
        if (order < 0 || emptyCells) {
            forget(pfn);
            pages.freePages(pfn, order < 0 ? -order - 1 : 0);
        }
    }

    /** Takes every mark off a page, or off the first page of a large object. */
    private void forget(int pfn) {
        if (frames.is(pfn, PageFlag.SLAB)) {
            frames.clear(pfn, PageFlag.SLAB);
            cells.removePage(pfn);
        }
        frames.setNext(pfn, 0);
        frames.setPrev(pfn, 0);
        large[pfn - firstPfn] = 0;
        readByRcu[pfn - firstPfn] = false;
    }

    // ---- what is where

    private boolean isLarge(int pfn) {
        return large[pfn - firstPfn] > 0;
    }

    /** Address of the live object that an address is within; 0 if it is in none. */
    private long around(long virt) {
        if (!layout.isLinear(virt) || !floor.ram().isRam(layout.virtToPhys(virt), 1)) {
            return 0;
        }
        int pfn = layout.virtToPfn(virt);
        if (frames.is(pfn, PageFlag.SLAB)) {
            int first = cells.around(pfn, virt);
            return first == Cells.NONE ? 0 : layout.pfnToVirt(pfn) + cells.objectIn(pfn, first);
        }
        int head = frames.compoundHead(pfn);
        return isLarge(head) ? layout.pfnToVirt(head) : 0;
    }

    /** Number of the cache of a live object, 0 if it came from kmalloc. */
    private int cacheOf(long object, String call) {
        if (object == 0 || around(object) != object) {
            throw bug("%s() of 0x%08x, which is no live object", call, object);
        }
        return cacheOf(object);
    }

    private int cacheOf(long object) {
        int pfn = layout.virtToPfn(object);
        return isLarge(pfn) ? frames.next(pfn) : floor.ram().read32(layout.virtToPhys(object - Cells.HEADER));
    }

    private int sizeOf(long object) {
        int pfn = layout.virtToPfn(object);
        long header = layout.virtToPhys(object - Cells.HEADER);
        return isLarge(pfn) ? frames.prev(pfn) : floor.ram().read32(header + SIZE_IN_HEADER);
    }

    @Override
    public long ksize(long object) {
        if (object == ZERO_SIZE_PTR) {
            return 0;
        }
        cacheOf(object, "ksize");
        return sizeOf(object);
    }

    // ---- caches

    @Override
    public KmemCache createCache(CacheSpec spec) {
        if (spec.size() <= 0 || spec.size() > kmallocMax() || Integer.bitCount(spec.align()) > 1) {
            throw bug("kmem_cache_create() of `%s' with size %d, align %d", spec.name(), spec.size(), spec.align());
        }
        floor.context().mightSleep("firstfit");
        return caches.add(spec).handle;
    }

    @Override
    public boolean destroyCache(KmemCache handle) {
        Caches.Entry cache = caches.known(handle, "kmem_cache_destroy");
        if (cache.live > 0) {
            floor.log().printk(KernelLog.ERR, "firstfit: cache " + handle.name() + " still has objects");
            return false;
        }
        caches.remove(cache);
        return true;
    }

    /** There is nothing to shrink: an empty page goes back at once. */
    @Override
    public int shrinkCache(KmemCache handle) {
        caches.known(handle, "kmem_cache_shrink");
        return 0;
    }

    @Override
    public KmemCache cache(String name) {
        return caches.all().stream()
                .map(cache -> cache.handle)
                .filter(handle -> handle.name().equals(name))
                .findFirst()
                .orElse(KmemCache.NONE);
    }

    @Override
    public int objectSize(KmemCache handle) {
        return caches.known(handle, "kmem_cache_size").spec.size();
    }

    @Override
    public long kmallocMax() {
        return (long) Profile.PAGE_SIZE << pages.maxOrder() - 1;
    }

    // ---- looking

    @Override
    public List<SlabCacheView> caches() {
        List<SlabCacheView> views = new ArrayList<>();
        views.add(view(FirstFitProvider.NAME, 0, Cells.SIZE, Cells.PER_PAGE, cells.pageCount()));
        caches.all().forEach(cache -> views.add(view(cache.handle.name(), cache.live, cache.spec.size(), 0, 0)));
        return views;
    }

    private static SlabCacheView view(String name, int live, int size, int perSlab, int slabs) {
        return new SlabCacheView(name, live, live, size, perSlab, 1, 0, 0, 0, slabs, slabs, 0, Map.of());
    }

    @Override
    public Optional<ObjectView> objectAt(long virt) {
        long object = around(virt);
        if (object == 0) {
            return Optional.empty();
        }
        int pfn = layout.virtToPfn(object);
        Caches.Entry cache = caches.byId(cacheOf(object));
        return Optional.of(new ObjectView(
                cache == null ? KMALLOC : cache.handle.name(),
                object,
                sizeOf(object),
                layout.pfnToVirt(pfn),
                isLarge(pfn) ? 0 : cells.ofObject(pfn, object),
                isLarge(pfn) ? ObjectView.State.LARGE : ObjectView.State.ALLOCATED));
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        objectAt(virt)
                .ifPresent(object -> facts.add(new AddressFact(
                        FirstFitProvider.NAME,
                        String.format(
                                "object of %s, %d bytes from 0x%08x", object.cache(), object.size(), object.address()))));
    }

    @Override
    public void verify(Verification report) {
        int found = 0;
        for (int pfn = firstPfn; pfn < layout.maxLowPfn(); pfn++) {
            int order = Math.abs(large[pfn - firstPfn]);
            if (order > 0) {
                report.claim(pfn, 1 << order - 1, "firstfit object");
            }
            if (frames.is(pfn, PageFlag.SLAB)) {
                found++;
                report.claim(pfn, 1, "firstfit cells");
                verifyHeaders(pfn, report);
            }
        }
        report.check(found == cells.pageCount(), "firstfit knows %d pages of cells, there are %d", cells.pageCount(), found);
    }

    private void verifyHeaders(int pfn, Verification report) {
        for (int first = 0; first < Cells.PER_PAGE; first++) {
            if (!cells.startsAt(pfn, first)) {
                continue;
            }
            long object = layout.pfnToVirt(pfn) + cells.objectIn(pfn, first);
            boolean aligned = cells.objectIn(pfn, first) % Cells.SIZE == 0;
            int cache = cacheOf(object);
            report.check(
                    (cache == 0 || caches.byId(cache) != null)
                            && Cells.needed(sizeOf(object), aligned) == cells.length(pfn, first),
                    "firstfit: the header of object 0x%08x is overwritten",
                    object);
        }
    }

    // ---- leaving and copying

    @Override
    public SlabHandover detach() {
        List<SlabHandover.Cache> left = new ArrayList<>();
        caches.all().forEach(cache -> left.add(new SlabHandover.Cache(cache.handle, cache.spec, "")));
        List<SlabHandover.Block> blocks = new ArrayList<>();
        for (int pfn = firstPfn; pfn < layout.maxLowPfn(); pfn++) {
            if (large[pfn - firstPfn] != 0 || frames.is(pfn, PageFlag.SLAB)) {
                blocks.add(block(pfn));
                forget(pfn);
            }
        }
        return new SlabHandover(FirstFitProvider.NAME, caches.lastId(), left, blocks);
    }

    /** What is left of a page: it has a live object, or somebody may still look at it. */
    private SlabHandover.Block block(int pfn) {
        List<Long> objects = new ArrayList<>();
        long page = layout.pfnToVirt(pfn);
        if (isLarge(pfn)) {
            objects.add(page);
        }
        for (int first = 0; frames.is(pfn, PageFlag.SLAB) && first < Cells.PER_PAGE; first++) {
            if (cells.startsAt(pfn, first)) {
                objects.add(page + cells.objectIn(pfn, first));
            }
        }
        return new SlabHandover.Block(
                pfn,
                Math.max(0, Math.abs(large[pfn - firstPfn]) - 1),
                objects.stream().mapToInt(object -> (int) (object - page)).toArray(),
                objects.stream().mapToInt(this::sizeOf).toArray(),
                objects.stream().mapToInt(this::cacheOf).toArray(),
                "",
                readByRcu[pfn - firstPfn]);
    }

    @Override
    public void save(StateWriter out) {
        caches.save(out);
        cells.save(out);
        out.putInts(large);
        byte[] read = new byte[readByRcu.length];
        for (int i = 0; i < read.length; i++) {
            read[i] = (byte) (readByRcu[i] ? 1 : 0);
        }
        out.putBytes(read);
    }

    @Override
    public void restore(StateReader in) {
        caches.restore(in);
        cells.restore(in);
        System.arraycopy(in.getInts(), 0, large, 0, large.length);
        Arrays.fill(readByRcu, false);
        byte[] read = in.getBytes();
        for (int i = 0; i < read.length; i++) {
            readByRcu[i] = read[i] != 0;
        }
    }
}

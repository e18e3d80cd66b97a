package org.kmemscope.machine.exchange;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.machine.ExchangeState;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.slab.RecordedSlabs;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;

/**
 * The object allocator of a machine, whichever is bound: what everybody else in the machine calls.
 *
 * <pre>
 *   kmalloc, kmem_cache_alloc, ...  ──────────────────────────────→  bound allocator, or {@link ParkedObjects}
 *   kfree, ksize, kmem_cache_free   ──┬─ address not handed over ─→
 *                                     └─ address handed over ─────→  {@link HandedOver}
 * </pre>
 *
 * <p>As long as nothing is handed over, that costs one predictable branch. It counts the objects that are in somebody's hands, so that an
 * allocator that leaves cannot lose one unnoticed, and the calls that are inside of the allocator, so that it is not taken away under
 * them.
 */
public final class ExchangeableObjects implements ObjectAllocator {
    private final ExchangeSite site;
    private final CallsInFlight calls;
    private final HandedOver handedOver;
    private final Caches caches = new Caches();
    private final HandedOverPlaces places;
    private final HandedOverCalls handedOverCalls;
    private final ExchangeWords words;
    private Tenant tenant;
    private ObjectAllocator bound;
    private final PageFrames frames;
    private final AddressLayout layout;
    /** Objects in slabs of the bound allocator that users hold. */
    private long live;
    /** Whether that is known: who writes the exact state of an allocator may have given it other objects. */
    private boolean counted;

    /** An allocator and its lease of the clock. */
    record Tenant(ObjectAllocator allocator, LeasedClock clock) {}

    /** Without an allocator yet; the floors below are there. */
    public ExchangeableObjects(ExchangeSite site, CallsInFlight calls) {
        this.site = site;
        this.calls = calls;
        handedOver = new HandedOver(site);
        places = new HandedOverPlaces(handedOver, caches);
        handedOverCalls = new HandedOverCalls(site, handedOver, places);
        frames = site.frames();
        layout = site.layout();
        words = new ExchangeWords(site.profile().kernel().version());
        park(SlabHandover.NONE);
    }

    // ---- binding

    /** Binds the first allocator of a machine that boots. */
    public void boot(ObjectAllocatorProvider provider) {
        bind(create(provider, SlabHandover.NONE));
    }

    Tenant create(ObjectAllocatorProvider provider, SlabHandover handover) {
        LeasedFloor floor = LeasedFloor.of(site);
        try {
            ObjectAllocator allocator = provider.create(floor, handover);
            for (SlabHandover.Cache cache : handover.caches()) {
                if (allocator.objectSize(cache.handle()) < cache.spec().size()) {
                    throw new IllegalStateException("objects of cache `"
                            + cache.handle().name() + "' have no longer the size they were promised");
                }
            }
            return new Tenant(allocator, floor.lease());
        } catch (RuntimeException | Error e) {
            floor.lease().end();
            throw e;
        }
    }

    void bind(Tenant next) {
        tenant = next;
        bound = next.allocator();
        live = 0;
        counted = true;
    }

    void park(SlabHandover handover) {
        bind(new Tenant(new ParkedObjects(handedOver, handover), new LeasedClock(site.clock())));
    }

    /** Puts back one that was bound before; its state follows with {@link #restore}. */
    void rebind(Tenant before) {
        before.clock().renew();
        bind(before);
    }

    /** Lets the bound allocator go; what it leaves is checked and kept, and its caches are parked. */
    SlabHandover release() {
        HandoverCheck check = new HandoverCheck(site, caches);
        long expected = counted ? live + bound.strayObjects() : HandoverCheck.UNKNOWN;
        SlabHandover handover = bound.detach();
        check.check(handover, expected);
        tenant.clock().end();
        caches.note(handover);
        handedOver.take(handover);
        park(handover);
        return handover;
    }

    Tenant tenant() {
        return tenant;
    }

    /** The allocator that is bound, itself: not for calls, which must not go past this. */
    public ObjectAllocator bound() {
        return bound;
    }

    /** Whether an allocator is bound. */
    public boolean isBound() {
        return !(bound instanceof ParkedObjects);
    }

    /** What waits for an allocator, one line; empty if one is bound. */
    public String parked() {
        return bound instanceof ParkedObjects parked ? parked.describe() : "";
    }

    /** What allocators before have left and is not free yet. */
    public List<ExchangeState.HandedOver> left() {
        return handedOver.origins().left();
    }

    /** Blocks and live objects of all allocators before. */
    long[] foreign() {
        return new long[] {handedOver.heldBlocks(), handedOver.liveObjects()};
    }

    @Override
    public String name() {
        return bound.name();
    }

    // ---- objects

    @Override
    public long kmalloc(long size, int gfp) {
        calls.enter();
        try {
            long object = bound.kmalloc(size, gfp);
            live += inSlab(object);
            return object;
        } catch (LinkageError | AssertionError | StackOverflowError e) {
            throw broken(e);
        } finally {
            calls.exit();
        }
    }

    /** A failure of the allocator that is no exception: a class of it that is gone, an assertion, endless recursion. */
    private IllegalStateException broken(Error e) {
        return new IllegalStateException(bound.name() + " is broken: " + e, e);
    }

    /** 1 for an object in a slab; what the page allocator serves may as well be freed to it, so it is not counted. */
    private int inSlab(long object) {
        return object > ZERO_SIZE_PTR
                        && layout.isLinear(object)
                        && (frames.flags(layout.virtToPfn(object)) & PageFlag.SLAB.bit()) != 0
                ? 1
                : 0;
    }

    @Override
    public void kfree(long object) {
        if (handedOver.holds(object)) {
            handedOverCalls.kfree(object);
            return;
        }
        calls.enter();
        try {
            int freed = inSlab(object);
            bound.kfree(object);
            live -= freed;
        } catch (LinkageError | AssertionError | StackOverflowError e) {
            throw broken(e);
        } finally {
            calls.exit();
        }
    }

    @Override
    public long ksize(long object) {
        return handedOver.holds(object) ? handedOverCalls.ksize(object) : bound.ksize(object);
    }

    @Override
    public long allocObject(KmemCache cache, int gfp) {
        calls.enter();
        try {
            long object = bound.allocObject(cache, gfp);
            live += inSlab(object);
            return object;
        } catch (LinkageError | AssertionError | StackOverflowError e) {
            throw broken(e);
        } finally {
            calls.exit();
        }
    }

    @Override
    public void freeObject(KmemCache cache, long object) {
        if (handedOver.holds(object)) {
            handedOverCalls.freeObject(cache, object);
            return;
        }
        calls.enter();
        try {
            int freed = inSlab(object);
            bound.freeObject(cache, object);
            live -= freed;
        } catch (LinkageError | AssertionError | StackOverflowError e) {
            throw broken(e);
        } finally {
            calls.exit();
        }
    }

    // ---- caches

    /** A call that has to do with a cache as a whole; those are rare. */
    private <T> T inside(Supplier<T> call) {
        calls.enter();
        try {
            return call.get();
        } catch (LinkageError | AssertionError | StackOverflowError e) {
            throw broken(e);
        } finally {
            calls.exit();
        }
    }

    @Override
    public KmemCache createCache(CacheSpec spec) {
        KmemCache cache = inside(() -> bound.createCache(spec));
        if (cache.id() != KmemCache.NONE.id()) {
            caches.created(cache);
        }
        return cache;
    }

    @Override
    public boolean destroyCache(KmemCache cache) {
        if (handedOver.liveOf(cache.id()) > 0) {
            Optional<KmemCache> twin = caches.twin(cache);
            if (twin.isEmpty()) {
                site.log().printk(KernelLog.ERR, words.notEmpty(bound.name(), cache.name()));
                return false;
            }
            handedOver.pass(cache.id(), twin.get().id());
        }
        boolean gone = inside(() -> bound.destroyCache(cache));
        if (gone) {
            caches.destroyed(cache);
        }
        return gone;
    }

    @Override
    public int shrinkCache(KmemCache cache) {
        return inside(() -> bound.shrinkCache(cache));
    }

    @Override
    public int validateCache(KmemCache cache) {
        calls.enter();
        try {
            return bound.validateCache(cache);
        } catch (LinkageError | AssertionError | StackOverflowError e) {
            throw broken(e);
        } finally {
            calls.exit();
        }
    }

    @Override
    public KmemCache cache(String name) {
        return bound.cache(name);
    }

    @Override
    public int objectSize(KmemCache cache) {
        return bound.objectSize(cache);
    }

    @Override
    public long kmallocMax() {
        return bound.kmallocMax();
    }

    /** Not for those who use it: a machine exchanges its allocator itself. */
    @Override
    public SlabHandover detach() {
        throw new UnsupportedOperationException("the machine exchanges its object allocator itself");
    }

    // ---- looking

    @Override
    public List<SlabCacheView> caches() {
        return places.merge(bound.caches());
    }

    @Override
    public Optional<ObjectView> objectAt(long virt) {
        return handedOver.holds(virt) ? places.objectAt(virt) : bound.objectAt(virt);
    }

    @Override
    public Optional<RecordedSlabs> recorded() {
        counted = false;
        return bound.recorded();
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        if (handedOver.holds(virt)) {
            facts.add(new AddressFact("handed over", places.describe(virt)));
        } else {
            bound.describe(virt, facts);
        }
    }

    @Override
    public void verify(Verification report) {
        bound.verify(report);
        handedOver.verify(report, caches.ids());
    }

    // ---- copying

    @Override
    public void save(StateWriter out) {
        out.putString(bound.name());
        out.putLong(live);
        out.putBoolean(counted);
        caches.save(out);
        handedOver.save(out);
        bound.save(out);
    }

    /** The same allocator must be bound as when it was saved. */
    @Override
    public void restore(StateReader in) {
        String name = in.getString();
        if (!name.equals(bound.name())) {
            throw new IllegalStateException("the state of " + name + " is read into " + bound.name());
        }
        live = in.getLong();
        counted = in.getBoolean();
        caches.restore(in);
        handedOver.restore(in);
        bound.restore(in);
    }
}

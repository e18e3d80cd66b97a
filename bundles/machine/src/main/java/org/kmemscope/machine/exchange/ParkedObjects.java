package org.kmemscope.machine.exchange;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.error.MissingPart;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;

/**
 * Stands in for an object allocator while there is none: keeps the caches of the one before for the next, and answers every call
 * with the line that says so. The objects are with {@link HandedOver}.
 */
final class ParkedObjects implements ObjectAllocator {
    private static final String REMEDY = "; start a bundle that provides one";

    private final HandedOver handedOver;
    private SlabHandover parked;

    /**
     * @param parked caches of the one before; its blocks are not looked at
     */
    ParkedObjects(HandedOver handedOver, SlabHandover parked) {
        this.handedOver = handedOver;
        this.parked = new SlabHandover(parked.from(), parked.lastCacheId(), parked.caches(), List.of());
    }

    /** What waits, one line. */
    String describe() {
        return parked.from().isEmpty()
                ? "nothing is parked"
                : String.format(
                        "%s has left: %s and %s are parked",
                        parked.from(),
                        count(parked.caches().size(), "cache"),
                        count(handedOver.liveObjects(), "object"));
    }

    static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private MissingPart missing() {
        return new MissingPart("no object allocator: " + describe() + REMEDY);
    }

    @Override
    public String name() {
        return ExchangeReport.NONE;
    }

    @Override
    public long kmalloc(long size, int gfp) {
        throw missing();
    }

    @Override
    public void kfree(long object) {
        throw missing();
    }

    @Override
    public long ksize(long object) {
        throw missing();
    }

    @Override
    public KmemCache createCache(CacheSpec spec) {
        throw missing();
    }

    @Override
    public boolean destroyCache(KmemCache cache) {
        throw missing();
    }

    @Override
    public long allocObject(KmemCache cache, int gfp) {
        throw missing();
    }

    @Override
    public void freeObject(KmemCache cache, long object) {
        throw missing();
    }

    @Override
    public int shrinkCache(KmemCache cache) {
        throw missing();
    }

    @Override
    public KmemCache cache(String name) {
        throw missing();
    }

    @Override
    public int objectSize(KmemCache cache) {
        throw missing();
    }

    @Override
    public long kmallocMax() {
        throw missing();
    }

    @Override
    public List<SlabCacheView> caches() {
        return List.of();
    }

    @Override
    public SlabHandover detach() {
        return parked;
    }

    @Override
    public Optional<ObjectView> objectAt(long virt) {
        return Optional.empty();
    }

    @Override
    public void verify(Verification report) {
        report.checked(parked.caches().size());
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        // what lies at an address is told by who keeps it
    }

    @Override
    public void save(StateWriter out) {
        out.putString(parked.from());
        out.putInt(parked.lastCacheId());
        out.putInt(parked.caches().size());
        for (SlabHandover.Cache cache : parked.caches()) {
            cache.handle().save(out);
            cache.spec().save(out);
            out.putString(cache.slabs());
        }
    }

    @Override
    public void restore(StateReader in) {
        String from = in.getString();
        int lastCacheId = in.getInt();
        List<SlabHandover.Cache> caches = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            caches.add(new SlabHandover.Cache(KmemCache.restore(in), CacheSpec.restore(in), in.getString()));
        }
        parked = new SlabHandover(from, lastCacheId, caches, List.of());
    }
}

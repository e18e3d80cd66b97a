package org.kmemscope.slub;

import java.util.BitSet;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/**
 * Checks everything against everything: free lists in RAM, lists of slabs, the words of slabs and of page frames, who holds what, and the
 * counters.
 *
 * <p>For each object exactly one must be true: it is on its slab's free list, on that of a CPU, or live.
 */
final class SlubVerifier {
    /** What the frames of slabs are claimed as. */
    private static final String STATE = "slab";

    private static final String LARGE = "large kmalloc";

    private final Basis basis;
    private final Slabs slabs;
    private final FreeLists freeLists;
    private final GracePeriod gracePeriod;
    private final PageFrames frames;
    private final AddressLayout layout;
    private final Verification report;
    /** Pages of slabs that were found, by frame from the first. */
    private final BitSet pages = new BitSet();

    SlubVerifier(Basis basis, Parts parts, Verification report) {
        this.basis = basis;
        this.report = report;
        slabs = basis.slabs();
        freeLists = parts.freeLists();
        gracePeriod = parts.maker().gracePeriod();
        frames = basis.floor().frames();
        layout = basis.floor().layout();
    }

    void run() {
        for (Cache cache : basis.caches().all()) {
            new OfCache(cache).run();
        }
        for (int slab : gracePeriod.slabs()) {
            claim(slab);
        }
        for (int pfn = frames.firstPfn(); pfn < frames.endPfn(); pfn++) {
            verifyFrame(pfn);
        }
    }

    private void claim(int slab) {
        int pfn = slabs.pfn(slab);
        int count = 1 << slabs.order(slab);
        report.claim(pfn, count, STATE);
        pages.set(pfn - frames.firstPfn(), pfn - frames.firstPfn() + count);
    }

    private void verifyFrame(int pfn) {
        if (frames.is(pfn, PageFlag.SLAB)) {
            report.check(
                    pages.get(pfn - frames.firstPfn()),
                    "slub: pfn 0x%x has PG_slab, but no cache has a slab there",
                    pfn);
        } else if (LargeObjects.isLarge(frames, pfn)) {
            report.claim(pfn, 1 << frames.compoundOrder(pfn), LARGE);
        }
    }

    /** The check of one cache. */
    private final class OfCache {
        private final Cache cache;
        private long found;
        private long objects;
        private long live;
        private int onPartialList;

        OfCache(Cache cache) {
            this.cache = cache;
        }

        void run() {
            for (int slab = cache.newest; slab != Slabs.NONE && found <= cache.slabs; slab = slabs.older(slab)) {
                found++;
                objects += slabs.objects(slab);
                live += slabs.liveObjects(slab);
                verifySlab(slab);
            }
            equal(found + cache.unlistedSlabs, cache.slabs, "slabs");
            equal(objects + cache.unlistedObjects, cache.objects, "objects");
            equal(live, cache.allocations - cache.frees, "live objects");
            equal(onPartialList, cache.partialCount, "slabs on its partial list");
            verifyLinks();
            for (int cpu = 0; cpu < cache.free.length; cpu++) {
                verifyCpu(cpu);
            }
            ownObject(cache.descriptor, "struct kmem_cache");
            ownObject(cache.node, "struct kmem_cache_node");
            ownObject(cache.sequence, "random_seq");
        }

        private void equal(long here, long counted, String what) {
            report.check(here == counted, "cache %s counts %d %s, there are %d", cache.name(), counted, what, here);
        }

        private void ownObject(long address, String what) {
            if (address == 0) {
                return;
            }
            int slab = basis.memory().isLinear(address) ? slabs.of(layout.virtToPfn(address)) : Slabs.NONE;
            int index = slab == Slabs.NONE ? -1 : slabs.indexOf(slab, address);
            report.check(
                    index >= 0 && slabs.isLive(slab, index),
                    "cache %s: its %s at 0x%08x is no live object",
                    cache.name(),
                    what,
                    address);
        }

        private void verifySlab(int slab) {
            claim(slab);
            long base = slabs.base(slab);
            for (int pfn = slabs.pfn(slab); pfn < slabs.pfn(slab) + (1 << slabs.order(slab)); pfn++) {
                report.check(
                        slabs.of(pfn) == slab && frames.prev(pfn) == cache.number,
                        "cache %s: pfn 0x%x of slab 0x%08x leads to another slab",
                        cache.name(),
                        pfn,
                        base);
            }
            onPartialList += slabs.list(slab) == Slabs.PARTIAL ? 1 : 0;
            int cpu = cpuOf(slab);
            report.check(
                    slabs.frozen(slab) == (cpu >= 0 || isCpuPartial(slab)),
                    "cache %s: slab 0x%08x is %s, and %s",
                    cache.name(),
                    base,
                    slabs.frozen(slab) ? "frozen" : "not frozen",
                    cpu >= 0 ? "is a CPU's" : "no CPU allocates from it");
            BitSet free = new BitSet();
            int own = walk(slab, slabs.free(slab), free, "its free list");
            report.check(
                    own == slabs.objects(slab) - slabs.inUse(slab),
                    "cache %s: slab 0x%08x has %d of %d objects in use, but its free list has %d",
                    cache.name(),
                    base,
                    slabs.inUse(slab),
                    slabs.objects(slab),
                    own);
            if (cpu >= 0) {
                walk(slab, cache.free[cpu], free, "the free list of CPU " + cpu);
            }
            verifyObjects(slab, free);
        }

        private int cpuOf(int slab) {
            for (int cpu = 0; cpu < cache.slab.length; cpu++) {
                if (cache.slab[cpu] == slab) {
                    return cpu;
                }
            }
            return -1;
        }

        private boolean isCpuPartial(int slab) {
            for (int first : cache.partial) {
                for (int at = first; at != Slabs.NONE; at = slabs.next(at)) {
                    if (at == slab) {
                        return true;
                    }
                }
            }
            return false;
        }

        /** Notes the objects on a free list; returns how many there are. */
        private int walk(int slab, long first, BitSet seen, String list) {
            int length = 0;
            long object = first;
            while (object != 0) {
                int index = slabs.indexOf(slab, object);
                if (index < 0 || seen.get(index)) {
                    report.problem(
                            "cache %s: %s in slab 0x%08x leads to 0x%08x, %s",
                            cache.name(),
                            list,
                            slabs.base(slab),
                            object,
                            index < 0 ? "which is no object of it" : "object " + index + " for the second time");
                    return length;
                }
                seen.set(index);
                length++;
                object = freeLists.next(cache, object);
            }
            return length;
        }

        private void verifyObjects(int slab, BitSet free) {
            for (int index = 0; index < slabs.objects(slab); index++) {
                boolean isLive = slabs.isLive(slab, index);
                report.check(
                        free.get(index) != isLive,
                        "cache %s: object %d of slab 0x%08x is %s",
                        cache.name(),
                        index,
                        slabs.base(slab),
                        isLive ? "live and on a free list" : "neither live nor on a free list");
            }
        }

        private void verifyLinks() {
            int before = Slabs.NONE;
            int length = 0;
            for (int slab = cache.partialFirst; slab != Slabs.NONE; slab = slabs.next(slab)) {
                boolean fits = slabs.list(slab) == Slabs.PARTIAL
                        && slabs.prev(slab) == before
                        && slabs.cache(slab) == cache.number
                        && slabs.inUse(slab) < slabs.objects(slab);
                report.check(
                        fits,
                        "cache %s: slab 0x%08x does not belong on the partial list",
                        cache.name(),
                        slabs.base(slab));
                before = slab;
                if (++length > cache.slabs) {
                    report.problem("cache %s: its partial list has no end", cache.name());
                    return;
                }
            }
            report.check(before == cache.partialLast, "cache %s: its partial list ends elsewhere", cache.name());
            equal(length, cache.partialCount, "slabs on its partial list");
        }

        private void verifyCpu(int cpu) {
            report.check(
                    cache.slab[cpu] != Slabs.NONE || cache.free[cpu] == 0,
                    "cache %s: CPU %d has free objects, but no slab",
                    cache.name(),
                    cpu);
            int left = cache.partial[cpu] == Slabs.NONE ? 0 : slabs.ahead(cache.partial[cpu]);
            for (int slab = cache.partial[cpu]; slab != Slabs.NONE && left > 0; slab = slabs.next(slab)) {
                report.check(
                        slabs.ahead(slab) == left && slabs.list(slab) == Slabs.NO_LIST,
                        "cache %s: slab 0x%08x on the partial list of CPU %d says %d are left of %d",
                        cache.name(),
                        slabs.base(slab),
                        cpu,
                        slabs.ahead(slab),
                        left);
                left--;
            }
            report.check(left == 0, "cache %s: the partial list of CPU %d ends early", cache.name(), cpu);
        }
    }
}

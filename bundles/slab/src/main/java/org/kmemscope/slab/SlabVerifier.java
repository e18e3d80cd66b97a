package org.kmemscope.slab;

import java.util.Arrays;
import java.util.BitSet;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/**
 * Checks everything against everything: the lists in RAM, {@code struct slab}, the free chains, the words of pages, the arrays of
 * free objects, who holds what, and the counters.
 *
 * <p>For each object exactly one must be true: it is in the free chain of its slab, in one array, or live.
 */
final class SlabVerifier {
    /** What the frames of slabs are claimed as. */
    static final String STATE = "slab";

    private final Basis basis;
    private final SlabMemory memory;
    private final LiveObjects live;
    private final PageFrames frames;
    private final AddressLayout layout;
    private final SlabLists lists;
    private final GracePeriod gracePeriod;
    private final Verification report;
    /** Pages of slabs that were found, by frame from the first. */
    private final BitSet pages = new BitSet();

    SlabVerifier(Basis basis, ObjectPaths objects, Verification report) {
        this.basis = basis;
        this.report = report;
        memory = basis.memory();
        live = basis.live();
        frames = basis.floor().frames();
        layout = basis.floor().layout();
        lists = objects.lists();
        gracePeriod = objects.maker().gracePeriod();
    }

    void run() {
        long liveObjects = 0;
        for (Cache cache : basis.caches().all()) {
            new OfCache(cache).run();
            liveObjects += cache.allocations - cache.frees;
        }
        report.check(
                liveObjects == live.count(),
                "slab: caches count %d live objects, there are %d",
                liveObjects,
                live.count());
        gracePeriod.claim(report);
        verifyPages();
    }

    /** No page may look like one of a slab that no cache knows. */
    private void verifyPages() {
        for (int pfn = frames.firstPfn(); pfn < frames.endPfn(); pfn++) {
            boolean flagged = frames.is(pfn, PageFlag.SLAB);
            if (flagged && !pages.get(pfn - frames.firstPfn())) {
                report.check(
                        gracePeriod.holds(frames.prev(pfn) & 0xffff_ffffL),
                        "slab: pfn 0x%x has PG_slab, but no cache has a slab there",
                        pfn);
            }
        }
    }

    /** The check of one cache. */
    private final class OfCache {
        private final Cache cache;
        private final int objects;
        private final long[] inArrays;
        private long slabs;
        private long free;
        private long used;
        private long liveHere;
        private int arraysMet;

        OfCache(Cache cache) {
            this.cache = cache;
            objects = cache.geometry.objects();
            inArrays = gather();
        }

        private long[] gather() {
            long[] all = new long[0];
            for (ObjectArray array : cache.arrays) {
                all = append(all, array);
            }
            if (cache.shared != null) {
                all = append(all, cache.shared);
            }
            Arrays.sort(all);
            return all;
        }

        private long[] append(long[] to, ObjectArray array) {
            report.check(
                    array.available >= 0 && array.available <= array.limit,
                    "cache %s: an array for %d objects holds %d",
                    cache.name(),
                    array.limit,
                    array.available);
            long[] longer = Arrays.copyOf(to, to.length + array.available);
            System.arraycopy(array.entries, 0, longer, to.length, array.available);
            return longer;
        }

        void run() {
            for (int i = 1; i < inArrays.length; i++) {
                report.check(
                        inArrays[i] != inArrays[i - 1],
                        "cache %s: object 0x%08x is in arrays of free objects twice",
                        cache.name(),
                        inArrays[i]);
            }
            verifyList(SlabMemory.PARTIAL, "slabs_partial");
            verifyList(SlabMemory.FULL, "slabs_full");
            verifyList(SlabMemory.FREE, "slabs_free");
            equal(slabs, cache.slabs, "slabs");
            equal(free, cache.freeObjects, "free objects");
            equal(liveHere, cache.allocations - cache.frees, "live objects");
            equal(used, liveHere + inArrays.length, "objects in use");
            report.check(
                    arraysMet == inArrays.length,
                    "cache %s: %d of the objects in its arrays are not of its slabs",
                    cache.name(),
                    inArrays.length - arraysMet);
            if (cache.descriptor != 0) {
                ownObject(cache.descriptor, "struct kmem_cache");
            }
            ownObject(cache.lists, "struct kmem_list3");
            for (ObjectArray array : cache.arrays) {
                ownObject(array.home, "struct array_cache");
            }
        }

        private void equal(long found, long counted, String what) {
            report.check(found == counted, "cache %s counts %d %s, there are %d", cache.name(), counted, what, found);
        }

        private void ownObject(long address, String what) {
            report.check(
                    memory.isLinear(address) && live.contains(address),
                    "cache %s: its %s at 0x%08x is no live object",
                    cache.name(),
                    what,
                    address);
        }

        private void verifyList(int offset, String list) {
            long head = cache.list(offset);
            long before = head;
            long slab = memory.next(head);
            int length = 0;
            while (slab != head) {
                if (!memory.isReadable(slab + SlabMemory.SIZE) || ++length > cache.slabs) {
                    report.problem("cache %s: list %s is broken behind 0x%08x", cache.name(), list, before);
                    return;
                }
                report.check(
                        memory.previous(slab) == before,
                        "cache %s: slab 0x%08x on %s does not point back to 0x%08x",
                        cache.name(),
                        slab,
                        list,
                        before);
                verifySlab(slab, offset, list);
                before = slab;
                slab = memory.next(slab);
            }
            report.check(
                    memory.previous(head) == before, "cache %s: %s does not point to its last", cache.name(), list);
        }

        private void verifySlab(long slab, int offset, String list) {
            slabs++;
            long first = memory.firstObject(slab);
            if (!lists.isFirstObject(cache, slab, first)) {
                report.problem(
                        "cache %s: slab 0x%08x on %s says its objects begin at 0x%08x",
                        cache.name(), slab, list, first);
                return;
            }
            int inUse = memory.inUse(slab);
            boolean belongs = inUse >= 0
                    && inUse <= objects
                    && offset
                            == (inUse == 0 ? SlabMemory.FREE : inUse == objects ? SlabMemory.FULL : SlabMemory.PARTIAL);
            report.check(belongs, "cache %s: slab 0x%08x is on %s with %d in use", cache.name(), slab, list, inUse);
            verifyWords(slab, first);
            if (cache.geometry.offSlab()) {
                ownObject(slab, "struct slab");
            }
            BitSet chain = chain(slab);
            report.check(
                    chain.cardinality() == objects - inUse,
                    "cache %s: slab 0x%08x has %d objects in use, but its free chain has %d of %d",
                    cache.name(),
                    slab,
                    inUse,
                    chain.cardinality(),
                    objects);
            free += chain.cardinality();
            used += inUse;
            verifyObjects(slab, first, chain);
        }

        private void verifyWords(long slab, long first) {
            int pfn = layout.virtToPfn(first) & -cache.geometry.pages();
            long base = layout.pfnToVirt(pfn);
            report.check(
                    memory.colourOffset(slab) == first - base,
                    "cache %s: slab 0x%08x has colouroff %d, its objects begin at +%d",
                    cache.name(),
                    slab,
                    memory.colourOffset(slab),
                    first - base);
            report.claim(pfn, cache.geometry.pages(), STATE);
            for (int page = pfn; page < pfn + cache.geometry.pages(); page++) {
                pages.set(page - frames.firstPfn());
                report.check(
                        frames.is(page, PageFlag.SLAB)
                                && frames.next(page) == cache.id
                                && frames.prev(page) == (int) slab,
                        "cache %s: pfn 0x%x of slab 0x%08x leads to another slab",
                        cache.name(),
                        page,
                        slab);
            }
        }

        /** Numbers of the objects in the free chain. */
        private BitSet chain(long slab) {
            BitSet chain = new BitSet();
            int index = memory.firstFree(slab);
            while (index != SlabMemory.END) {
                if (index < 0 || index >= objects || chain.get(index)) {
                    report.problem(
                            "cache %s: free chain of slab 0x%08x leads to object %d%s",
                            cache.name(), slab, index, index >= 0 && index < objects ? " twice" : "");
                    break;
                }
                chain.set(index);
                index = memory.index(slab, index);
            }
            return chain;
        }

        private void verifyObjects(long slab, long first, BitSet chain) {
            for (int i = 0; i < objects; i++) {
                long object = first + (long) i * cache.geometry.size();
                boolean inChain = chain.get(i);
                boolean inArray = Arrays.binarySearch(inArrays, object) >= 0;
                boolean isLive = live.contains(object);
                arraysMet += inArray ? 1 : 0;
                liveHere += isLive ? 1 : 0;
                report.check(
                        (inChain ? 1 : 0) + (inArray ? 1 : 0) + (isLive ? 1 : 0) == 1,
                        "cache %s: object %d of slab 0x%08x is%s%s%s",
                        cache.name(),
                        i,
                        slab,
                        inChain ? " in the free chain" : "",
                        inArray ? " in an array of free objects" : "",
                        isLive ? " live" : inChain || inArray ? "" : " nowhere");
            }
        }
    }
}

package org.kmemscope.slob;

import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/**
 * Checks everything against everything: lists of pages, the words of pages, free blocks in RAM, blocks in somebody's hands, and the
 * counters.
 *
 * <p>Free blocks and live blocks must cover each page of the heap without a gap and without an overlap.
 */
final class SlobVerifier {
    private static final String HEAP = "slob heap";
    private static final String WHOLE_PAGES = "slob object";
    private static final int PAGE_UNITS = SlobMemory.PAGE_UNITS;

    private final Basis basis;
    private final SlobMemory memory;
    private final LiveBlocks blocks;
    private final PageLists lists;
    private final PageFrames frames;
    private final BlockFinder finder;
    private final Heap heap;
    private final GracePeriod gracePeriod;
    private final Verification report;
    private final long[] liveByKind = new long[Short.MAX_VALUE + 1];
    private long waiting;
    private int heapPages;
    private int partialPages;

    SlobVerifier(Basis basis, BlockFinder finder, Heap heap, GracePeriod gracePeriod, Verification report) {
        this.basis = basis;
        this.finder = finder;
        this.heap = heap;
        this.gracePeriod = gracePeriod;
        this.report = report;
        memory = basis.memory();
        blocks = basis.blocks();
        lists = basis.lists();
        frames = basis.floor().frames();
    }

    void run() {
        for (int pfn : blocks.pages()) {
            if (frames.is(pfn, PageFlag.SLAB)) {
                verifyHeapPage(pfn);
            } else {
                verifyWholePages(pfn);
            }
        }
        equal(heapPages, heap.pageCount(), "pages of the heap");
        equal(waiting, gracePeriod.count(), "objects that wait for a grace period");
        verifyLists();
        verifyCaches();
        for (int pfn = frames.firstPfn(); pfn < frames.endPfn(); pfn++) {
            boolean stray = frames.is(pfn, PageFlag.SLAB)
                    && !(pfn < basis.floor().layout().maxLowPfn() && blocks.knows(pfn));
            report.check(!stray, "slob: pfn 0x%x has PG_slab, but is not of the heap", pfn);
        }
    }

    private void equal(long found, long counted, String what) {
        report.check(found == counted, "slob counts %d %s, there are %d", counted, what, found);
    }

    private void countLive(int kind) {
        if (kind < 0) {
            waiting++;
        } else {
            liveByKind[kind]++;
        }
    }

    // ---- pages

    private void verifyHeapPage(int pfn) {
        heapPages++;
        report.claim(pfn, 1, HEAP);
        int free = 0;
        int unit = 0;
        int nextFree = blocks.firstFree(pfn);
        int nextLive = blocks.nextStart(pfn, 0);
        while (unit < PAGE_UNITS) {
            int units;
            if (unit == nextFree) {
                units = memory.units(pfn, unit);
                nextFree = memory.next(pfn, unit);
                free += units;
            } else if (unit == nextLive) {
                countLive(blocks.kind(pfn, unit));
                int bytes = finder.bytesOf(pfn, unit);
                verifySize(pfn, unit, bytes);
                units = SlobMemory.units(bytes);
                nextLive = blocks.nextStart(pfn, unit + 1);
            } else {
                report.problem(
                        "slob: what begins at 0x%08x is neither a free block nor one in use",
                        memory.address(pfn, unit));
                countRest(pfn, nextLive);
                return;
            }
            unit += units;
        }
        report.check(
                unit == PAGE_UNITS && nextFree == PAGE_UNITS && nextLive == PAGE_UNITS,
                "slob: the blocks of pfn 0x%x do not end where it ends",
                pfn);
        report.check(
                free == frames.mapCount(pfn),
                "slob: pfn 0x%x counts %d free units, there are %d",
                pfn,
                frames.mapCount(pfn),
                free);
        report.check(free < PAGE_UNITS, "slob: pfn 0x%x is all free and was not given back", pfn);
        report.check(
                lists.holds(pfn) == free > 0,
                "slob: pfn 0x%x with %d free units is %s list",
                pfn,
                free,
                lists.holds(pfn) ? "on a" : "on no");
        partialPages += lists.holds(pfn) ? 1 : 0;
    }

    private void verifySize(int pfn, int unit, int bytes) {
        int kind = blocks.kind(pfn, unit);
        if (kind == LiveBlocks.KMALLOC || kind == LiveBlocks.NAME) {
            int header = basis.rules().kmallocAlign();
            long block = memory.address(pfn, unit);
            report.check(
                    memory.requested(block) + header == bytes,
                    "slob: the size before object 0x%08x says %d, which cannot be",
                    block + header,
                    memory.requested(block));
        }
    }

    /** So that one broken page is one problem, and not one for each counter too. */
    private void countRest(int pfn, int from) {
        for (int unit = from; unit < PAGE_UNITS; unit = blocks.nextStart(pfn, unit + 1)) {
            countLive(blocks.kind(pfn, unit));
        }
        partialPages += lists.holds(pfn) ? 1 : 0;
    }

    private void verifyWholePages(int pfn) {
        int kind = blocks.kind(pfn, 0);
        if (kind == LiveBlocks.NONE || kind == LiveBlocks.NAME || kind == LiveBlocks.DESCRIPTOR) {
            report.problem("slob: pfn 0x%x is no object, and is not of the heap", pfn);
            return;
        }
        countLive(kind);
        report.claim(pfn, 1 << finder.orderOf(pfn), WHOLE_PAGES);
        report.check(frames.count(pfn) > 0, "slob: the pages of the object at pfn 0x%x are free", pfn);
    }

    // ---- lists and caches

    private void verifyLists() {
        int found = 0;
        for (int list = 0; list < lists.count(); list++) {
            int before = PageFrames.NONE;
            for (int pfn = lists.first(list); pfn != PageFrames.NONE; pfn = lists.next(pfn)) {
                boolean mine = frames.isValid(pfn)
                        && frames.is(pfn, PageFlag.SLAB)
                        && lists.holds(pfn)
                        && lists.previous(pfn) == before;
                if (!mine || ++found > partialPages) {
                    report.problem("slob: list %d of pages is broken at pfn 0x%x", list, pfn);
                    return;
                }
                before = pfn;
            }
            report.check(lists.last(list) == before, "slob: list %d of pages does not end with its last", list);
        }
        equal(found, partialPages, "pages with free units");
    }

    private void verifyCaches() {
        long descriptors = 0;
        long names = 0;
        for (Cache cache : basis.caches().newestFirst()) {
            equal(liveByKind[cache.kind], cache.live(), "objects of cache " + cache.handle.name());
            descriptors++;
            names += cache.name == 0 ? 0 : 1;
        }
        equal(liveByKind[LiveBlocks.DESCRIPTOR], descriptors, "struct kmem_cache");
        equal(liveByKind[LiveBlocks.NAME], names, "names of caches");
    }
}

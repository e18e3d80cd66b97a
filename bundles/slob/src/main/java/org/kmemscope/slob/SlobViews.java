package org.kmemscope.slob;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.SlabCacheView;

/**
 * Snapshots of caches for those who look. Linux has no {@code /proc/slabinfo} with SLOB, as there is nothing to count by cache. Here are
 * lines for the heap as a whole, for kmalloc, and for each cache, newest first. The pages of the heap are shared by all of them and
 * stand in the line of the heap alone; the other lines have the pages of their objects of whole pages.
 */
final class SlobViews {
    /** In place of the name of a cache for what came from kmalloc. */
    static final String KMALLOC = "kmalloc";

    private static final String LARGE = "kmalloc-large";
    private static final String NONE = "none";
    private static final String[] LISTS = {"small", "medium", "large"};

    private final Basis basis;
    private final LiveBlocks blocks;
    private final PageFrames frames;
    private final Heap heap;
    private final BlockFinder finder;

    SlobViews(Basis basis, Heap heap, BlockFinder finder) {
        this.basis = basis;
        this.heap = heap;
        this.finder = finder;
        blocks = basis.blocks();
        frames = basis.floor().frames();
    }

    /** What a walk over all pages counts. */
    private static final class Count {
        long blocks;
        long small;
        long smallBytes;
        long large;
        long largePages;
    }

    List<SlabCacheView> caches() {
        Count count = count();
        List<SlabCacheView> views = new ArrayList<>();
        views.add(heap(count));
        Map<String, String> small = new LinkedHashMap<>();
        small.put("bytes", Long.toString(count.smallBytes));
        small.put("header", Integer.toString(basis.rules().kmallocAlign()));
        views.add(line(KMALLOC, count.small, 0, 0, 0, 0, small));
        views.add(line(LARGE, count.large, Profile.PAGE_SIZE, 0, 1, count.largePages, Map.of()));
        for (Cache cache : basis.caches().newestFirst()) {
            views.add(view(cache));
        }
        return views;
    }

    private Count count() {
        Count count = new Count();
        for (int pfn : blocks.pages()) {
            if (!frames.is(pfn, PageFlag.SLAB)) {
                if (blocks.kind(pfn, 0) == LiveBlocks.KMALLOC) {
                    count.large++;
                    count.largePages += 1L << frames.compoundOrder(pfn);
                }
                continue;
            }
            for (int unit = blocks.nextStart(pfn, 0);
                    unit < SlobMemory.PAGE_UNITS;
                    unit = blocks.nextStart(pfn, unit + 1)) {
                count.blocks++;
                if (blocks.kind(pfn, unit) == LiveBlocks.KMALLOC) {
                    count.small++;
                    count.smallBytes += finder.bytesOf(pfn, unit);
                }
            }
        }
        return count;
    }

    private SlabCacheView heap(Count count) {
        Map<String, String> facts = new LinkedHashMap<>();
        long freeUnits = 0;
        PageLists lists = basis.lists();
        for (int list = 0; list < lists.count(); list++) {
            int pages = 0;
            for (int pfn = lists.first(list); pfn != PageFrames.NONE; pfn = lists.next(pfn)) {
                pages++;
                freeUnits += frames.mapCount(pfn);
            }
            facts.put(lists.count() == 1 ? "free_slob_pages" : "free_slob_" + LISTS[list], Integer.toString(pages));
        }
        facts.put("free_bytes", Long.toString(freeUnits << SlobMemory.UNIT_SHIFT));
        return line(SlobProvider.NAME, count.blocks, SlobMemory.UNIT, 0, 1, heap.pageCount(), facts);
    }

    private static SlabCacheView line(
            String name,
            long objects,
            int size,
            int perSlab,
            int pagesPerSlab,
            long slabs,
            Map<String, String> attributes) {
        return new SlabCacheView(
                name, objects, objects, size, perSlab, pagesPerSlab, 0, 0, 0, slabs, slabs, 0, attributes);
    }

    private SlabCacheView view(Cache cache) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("id", Integer.toString(cache.handle.id()));
        facts.put("address", String.format("0x%08x", cache.descriptor));
        facts.put("object_size", Integer.toString(cache.spec.size()));
        facts.put("align", Integer.toString(cache.align));
        facts.put("flags", flags(cache));
        facts.put("ctor", cache.constructs() ? "yes" : NONE);
        facts.put("bytes", Long.toString(cache.live() * cache.bytesTaken()));
        facts.put("allocs", Long.toString(cache.allocations));
        facts.put("frees", Long.toString(cache.frees));
        boolean pages = cache.ofPages();
        return line(
                cache.handle.name(),
                cache.live(),
                cache.size,
                pages ? 1 : 0,
                pages ? 1 << cache.order() : 0,
                pages ? cache.live() : 0,
                facts);
    }

    private static String flags(Cache cache) {
        StringJoiner names = new StringJoiner("|");
        SlabFlag.of(cache.spec.flags()).forEach(flag -> names.add(flag.name()));
        return names.length() == 0 ? NONE : names.toString();
    }
}

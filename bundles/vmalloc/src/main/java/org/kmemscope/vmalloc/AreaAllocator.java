package org.kmemscope.vmalloc;

import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.view.VmapAreaView.Kind;

/**
 * Makes areas and takes them apart: {@code __get_vm_area_node()}, {@code __vmalloc_area_node()}, {@code __vunmap()}.
 *
 * <pre>
 *   struct vm_struct          array of pages (RAM)        pages
 *     start, end, pages ---->  pfn, pfn, pfn ...  ----->  frames, one by one, high memory first
 *
 *   start                                   end
 *     |  page 0  |  page 1  |  ...  |  guard  |           the guard page is never mapped
 * </pre>
 *
 * <ol>
 *   <li>Reserve: a descriptor from kmalloc, addresses for the pages and one more.
 *   <li>The array: from kmalloc up to a page, from vmalloc above; it holds the pages' pfns, 4 bytes each, in simulated RAM, and
 *       vfree reads them from there.
 *   <li>The pages, lowest index first. Kernels from 5.13 on ask for up to 100 at a time ({@code alloc_pages_bulk_array}); that takes them
 *       from the same list in the same order.
 *   <li>The mappings, page by page; missing page tables come from the page allocator.
 * </ol>
 *
 * <p>Whatever fails, or throws, after step 1: what was made so far is taken apart as vfree does it.
 */
final class AreaAllocator {
    /** Size of an entry of the array: a pointer. */
    static final int ENTRY_BYTES = Integer.BYTES;

    private static final int PAGE_SIZE = Profile.PAGE_SIZE;

    private final ObjectFloor floor;
    private final VmallocRules rules;
    private final VmapSpace space;
    private final VmStructs structs;
    private final KernelWords words;
    private final Mmu mmu;
    private final ExecutionContext context;
    private final int highmem;
    private final int noWarn;
    private final int zero;
    private final int namedZones;
    private final int reclaimMask;

    AreaAllocator(ObjectFloor floor, VmallocRules rules, VmapSpace space, VmStructs structs, KernelWords words) {
        this.floor = floor;
        this.rules = rules;
        this.space = space;
        this.structs = structs;
        this.words = words;
        mmu = floor.mmu();
        context = floor.context();
        GfpTable gfp = floor.gfp();
        highmem = gfp.orZero(Gfp.__GFP_HIGHMEM);
        noWarn = gfp.orZero(Gfp.__GFP_NOWARN);
        zero = gfp.orZero(Gfp.__GFP_ZERO);
        namedZones = gfp.all(Gfp.__GFP_DMA, Gfp.__GFP_DMA32);
        reclaimMask = gfp.reclaimMask();
    }

    /** Whole pages that hold some bytes. */
    static long pages(long size) {
        return (size + PAGE_SIZE - 1) >>> Profile.PAGE_SHIFT;
    }

    // ---- making

    /**
     * Reserves addresses for some pages and the guard page behind them.
     *
     * @param align of the first address
     * @return number of the area, or {@link VmStructs#NONE}
     */
    int reserve(long pages, long align, Kind kind, int gfp, int caller) {
        if (context.inInterrupt()) {
            throw KernelWords.bug("%s in interrupt context", kind.label());
        }
        ObjectAllocator objects = floor.objects();
        if (floor.gfp().maySleep(gfp)) {
            String at = rules.calls().sleepAt();
            context.mightSleep(at.isEmpty() ? "mm/" + objects.name() + ".c" : at);
        }
        long object = objects.kmalloc(rules.descriptors().vmStruct(), gfp & reclaimMask);
        if (object == 0) {
            return VmStructs.NONE;
        }
        long size = (pages + 1) * PAGE_SIZE;
        long start = Placement.NONE;
        try {
            start = space.alloc(size, align, gfp);
        } finally {
            if (start == Placement.NONE) {
                objects.kfree(object);
            }
        }
        return start == Placement.NONE ? VmStructs.NONE : structs.add(start, start + size, kind, caller, object);
    }

    /**
     * {@code __vmalloc_node_range()}.
     *
     * @return address, or 0
     */
    long vmalloc(long size, int gfp, Protection protection, int caller) {
        int area = reserve(pages(size), 1, Kind.VMALLOC, gfp, caller);
        if (area == VmStructs.NONE) {
            words.noArea(size, gfp);
            return 0;
        }
        long start = structs.start(area);
        boolean done = false;
        try {
            done = fill(area, (int) pages(size), gfp, protection);
        } finally {
            if (!done) {
                release(area, true);
            }
        }
        return done ? start : 0;
    }

    /** Gives an area its pages; false if there are too few of them, or no page tables. */
    boolean fill(int area, int count, int gfp, Protection protection) {
        int mask = rules.pages().highmemAnyway() && (gfp & namedZones) == 0 ? gfp | highmem : gfp;
        long array = newArray(area, (long) count * ENTRY_BYTES, mask);
        if (array == 0) {
            return false;
        }
        structs.setArray(area, array);
        int pageMask = rules.pages().quiet() ? mask | noWarn : mask;
        PageAllocator pages = floor.pages();
        for (int i = 0; i < count; i++) {
            int pfn = pages.allocPages(pageMask, 0);
            if (pfn == PageAllocator.NONE) {
                words.tooFewPages((long) i * PAGE_SIZE, structs.end(area) - structs.start(area), mask);
                return false;
            }
            mmu.write32(array + (long) i * ENTRY_BYTES, pfn);
            structs.setPages(area, i + 1);
        }
        long start = structs.start(area);
        for (int i = 0; i < count; i++) {
            long phys = (long) entry(array, i) << Profile.PAGE_SHIFT;
            if (!mmu.map(start + (long) i * PAGE_SIZE, phys, protection)) {
                words.tooFewPages((long) i * PAGE_SIZE, structs.end(area) - start, mask);
                return false;
            }
        }
        return true;
    }

    private long newArray(int area, long bytes, int mask) {
        int nested = mask & reclaimMask | zero;
        if (bytes <= PAGE_SIZE) {
            return floor.objects().kmalloc(bytes, nested);
        }
        int arrayMask = rules.pages().arrayLikePages() ? mask | zero : nested | highmem;
        long array = vmalloc(bytes, arrayMask, Protection.KERNEL, structs.caller(area));
        if (array != 0) {
            structs.set(area, VmStructs.VPAGES);
        }
        return array;
    }

    /** A page of an area, past the TLB: looking changes nothing. */
    int entry(long array, int index) {
        long phys = mmu.lookup(array + (long) index * ENTRY_BYTES);
        return phys < 0 ? PageAllocator.NONE : floor.ram().read32(phys);
    }

    /** Maps pages of somebody else's; false if there were no page tables. */
    boolean mapPages(long start, int[] pfns, Protection protection) {
        for (int i = 0; i < pfns.length; i++) {
            if (!mmu.map(start + (long) i * PAGE_SIZE, (long) pfns[i] << Profile.PAGE_SHIFT, protection)) {
                return false;
            }
        }
        return true;
    }

    /** Maps device registers; false if there were no page tables. */
    boolean mapDevice(long start, long phys, int count) {
        for (int i = 0; i < count; i++) {
            long offset = (long) i * PAGE_SIZE;
            if (!mmu.map(start + offset, phys + offset, Protection.NOCACHE)) {
                return false;
            }
        }
        return true;
    }

    // ---- taking apart

    /**
     * {@code __vunmap()}.
     *
     * @param withPages whether its pages and their array go too; an area from vmap has none
     */
    void release(int area, boolean withPages) {
        ObjectAllocator objects = floor.objects();
        PageAllocator pages = floor.pages();
        long array = structs.array(area);
        int count = array == 0 ? 0 : structs.pages(area);
        boolean vpages = structs.is(area, VmStructs.VPAGES);
        long object = structs.object(area);
        if (withPages) {
            checkArray(area, array, count);
        }
        long start = structs.start(area);
        structs.remove(area);
        space.free(start);
        if (withPages) {
            for (int i = 0; i < count; i++) {
                pages.freePages(entry(array, i), 0);
            }
            if (vpages) {
                release(structs.startingAt(array), true);
            } else {
                objects.kfree(array);
            }
        }
        objects.kfree(object);
    }

    /** A wild write may have hit the array: better told before anything is undone. */
    private void checkArray(int area, long array, int count) {
        for (int i = 0; i < count; i++) {
            int pfn = entry(array, i);
            if (!floor.frames().isValid(pfn)) {
                throw KernelWords.bug(
                        "entry %d of the page array at 0x%08x of the area at 0x%08x is 0x%x, which is no page",
                        i, array, structs.start(area), pfn);
            }
        }
    }
}

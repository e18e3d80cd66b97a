package org.kmemscope.slub;

import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/**
 * What is too large for a cache of kmalloc: compound pages, straight from the page allocator ({@code kmalloc_large}).
 *
 * <pre>
 *   frames.next(pfn)   a mark, so that those who look can tell such pages from other compound ones; Linux cannot
 * </pre>
 */
final class LargeObjects {
    /** Looks like no pfn and no number of a slab. */
    private static final int MARK = 0x6b6c_6172;

    private final Basis basis;
    private final PageAllocator pages;
    private final PageFrames frames;
    private final AddressLayout layout;
    private final int comp;

    LargeObjects(Basis basis) {
        this.basis = basis;
        pages = basis.floor().pages();
        frames = basis.floor().frames();
        layout = basis.floor().layout();
        comp = basis.masks().comp();
    }

    /** Bytes that a request holds: whole blocks. */
    static long bytes(long size) {
        return (long) Profile.PAGE_SIZE << SlabOrders.least(size);
    }

    /** Address of a block of at least so many bytes; 0 if there is none, or a profile sets a lower limit. */
    long allocate(long size, int gfp) {
        // what is above the largest block is the page allocator's to refuse, with its warning
        if (size > basis.rules().kmalloc().largest() && SlabOrders.least(size) < pages.maxOrder()) {
            return 0;
        }
        int mask = (gfp & basis.masks().refused()) == 0 ? gfp : SlabMaker.mended(basis, gfp, "kmalloc()");
        int pfn = pages.allocPages(mask | comp, SlabOrders.least(size));
        if (pfn == PageAllocator.NONE) {
            return 0;
        }
        frames.setNext(pfn, MARK);
        return layout.pfnToVirt(pfn);
    }

    /**
     * {@code free_large_kmalloc()}: frees the compound page an address is in, whoever allocated it.
     *
     * @throws KernelBug if it is in none, in kernels that do not free single pages with a warning
     */
    void free(long object) {
        int pfn = frames.compoundHead(layout.virtToPfn(object));
        int order = frames.compoundOrder(pfn);
        if (order == 0) {
            if (!basis.rules().freesSinglePages()) {
                throw new KernelBug(String.format(
                        "kernel BUG at mm/slub.c: kfree() of 0x%08x, which is in no slab and in no compound page: pfn 0x%x,"
                                + " flags %s",
                        object, pfn, PageFlag.of(frames.flags(pfn))));
            }
            KernelLog log = basis.floor().log();
            log.printk(
                    KernelLog.WARNING,
                    "WARNING: CPU: " + basis.floor().context().cpu() + " PID: "
                            + basis.floor().context().pid() + " at mm/slab_common.c: free_large_kmalloc()");
            log.printk(KernelLog.WARNING, String.format("object pointer: 0x%08x", object));
        }
        if (isMarked(pfn)) {
            unmark(frames, pfn);
        }
        pages.freePages(pfn, order);
    }

    /** Usable bytes of a large object. */
    long size(long object) {
        return (long) Profile.PAGE_SIZE << frames.compoundOrder(frames.compoundHead(layout.virtToPfn(object)));
    }

    /** Takes the mark from a block, which is nobody's large object any more. */
    static void unmark(PageFrames frames, int pfn) {
        frames.setNext(pfn, 0);
    }

    private boolean isMarked(int pfn) {
        return isLarge(frames, pfn);
    }

    /** Whether a large object of kmalloc begins in a frame. */
    static boolean isLarge(PageFrames frames, int pfn) {
        int flags = frames.flags(pfn);
        return (flags & PageFlag.HEAD.bit()) != 0 && (flags & PageFlag.SLAB.bit()) == 0 && frames.next(pfn) == MARK;
    }
}

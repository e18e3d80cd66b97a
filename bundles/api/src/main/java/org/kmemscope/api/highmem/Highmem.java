package org.kmemscope.api.highmem;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.error.KernelHang;
import org.kmemscope.api.ground.Part;
import org.kmemscope.api.view.KmapView;
import org.osgi.annotation.versioning.ProviderType;

/** Windows onto high memory ({@code mm/highmem.c}). Pages are pfns, windows are virtual addresses. */
@ProviderType
public interface Highmem extends Part {
    /**
     * {@code kmap()}: the linear address of a page of low memory; for high memory a slot of the persistent area.
     *
     * @throws KernelBug in interrupt context
     * @throws KernelHang if every slot is taken and no task is left that could free one
     */
    long kmap(int pfn);

    /** {@code kunmap()}: nothing for low memory. A page that is not mapped is a BUG. */
    void kunmap(int pfn);

    /**
     * {@code kmap_atomic()}: a slot of this CPU's fixmap; preemption is off until it is given back. A page of low memory takes no
     * slot and has its linear address.
     *
     * @param slot name of the slot up to 2.6.36 ({@code KM_USER0}), see {@link #atomicSlots}; ignored where slots are a stack
     * @throws KernelBug if the slot is in use and the kernel checks that, or the stack is full
     * @throws IllegalArgumentException if this kernel has no such slot
     */
    long kmapAtomic(int pfn, String slot);

    /** {@code kunmap_atomic()}. */
    void kunmapAtomic(long address);

    /**
     * {@code kmap_local_page()}: the next window of the current task's stack; the task may sleep, and takes its windows along. To be
     * given back in reverse order.
     *
     * @throws KernelBug if the task's stack is full
     * @throws IllegalArgumentException before 5.11, which has no such call
     */
    long kmapLocal(int pfn);

    /** {@code kunmap_local()}. */
    void kunmapLocal(long address);

    /** {@code page_address()}: where a page is mapped now, or 0. */
    long pageAddress(int pfn);

    /** The page a window shows, or -1: {@code kmap_to_page()}. */
    int pageOf(long virt);

    /** What a window was that was given up and still leads to a page; empty if the address is in use, or leads nowhere. */
    Optional<String> givenUp(long virt);

    /** Names of the atomic slots of one CPU; empty where they are a stack. */
    List<String> atomicSlots();

    /** Every window in use, and slots not flushed yet. */
    List<KmapView> windows();

    /** The exact state of the persistent area. */
    PkmapState pkmap();

    /**
     * Takes over a recorded state of the persistent area.
     *
     * @throws IllegalStateException if anything is mapped there
     * @throws IllegalArgumentException with one line, if there are no such slots, or one page has two
     */
    void load(PkmapState state);
}

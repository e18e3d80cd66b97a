package org.kmemscope.highmem;

import java.util.List;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.KmapView;

/** The windows of {@code kmap_atomic()} in the fixmap. Who calls has preemption off. */
interface AtomicWindows extends Stateful {
    /**
     * Checks that a window can be had, before anything is changed.
     *
     * @param slot name of the window, where windows have names
     */
    void check(String slot);

    /**
     * Shows a page of high memory, or of low memory where the kernel is told to.
     *
     * @param slot name of the window, where windows have names
     * @return its address
     */
    long map(int pfn, String slot);

    /**
     * Gives a window back.
     *
     * @param virt an address in the row of windows
     */
    void unmap(long virt);

    /** The page that an address in the row of windows shows the current task, or -1. */
    int pageAt(long virt);

    void describe(long virt, List<AddressFact> facts);

    void addViews(List<KmapView> views);

    void verify(Verification report);
}

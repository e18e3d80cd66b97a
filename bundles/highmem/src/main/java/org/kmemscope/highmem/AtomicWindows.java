package org.kmemscope.highmem;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    /** What a window was that was given up and still shows a page; empty if it is in use, or shows nothing. */
    default Optional<String> givenUp(long virt) {
        List<AddressFact> facts = new ArrayList<>();
        boolean used = isUsed(virt);
        if (!used && pageAt(virt) >= 0) {
            describe(virt, facts);
        }
        return facts.stream().map(AddressFact::text).findFirst();
    }

    /** Whether somebody has the window that an address in the row lies in. */
    boolean isUsed(long virt);

    void describe(long virt, List<AddressFact> facts);

    void addViews(List<KmapView> views);

    void verify(Verification report);
}

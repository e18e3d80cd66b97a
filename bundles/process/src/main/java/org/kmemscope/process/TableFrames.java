package org.kmemscope.process;

import java.util.Optional;
import org.kmemscope.api.mmu.TableSource;
import org.kmemscope.api.mmu.UserTables;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/**
 * Frames for page tables of processes. {@code pgd_alloc()} asks for the top and what it fills it with, which are in low memory; {@code
 * pte_alloc_one()} for the rest, which may be in high memory.
 */
final class TableFrames implements TableSource {
    private final Basis basis;
    /** Whether {@code pgd_alloc()} is what asks. */
    private boolean top;

    TableFrames(Basis basis) {
        this.basis = basis;
    }

    /** {@code pgd_alloc()}; empty if there is no memory. */
    Optional<UserTables> newTables() {
        top = true;
        try {
            return basis.floor.mmu().newUserTables(basis.rules.taskSize(), this);
        } finally {
            top = false;
        }
    }

    @Override
    public int tableFrames(int order) {
        int mask = top ? basis.rules.topMask() : basis.rules.tableMask();
        int pfn = basis.pages.allocPages(mask, order);
        for (int frame = pfn; pfn != PageFrames.NONE && frame < pfn + (1 << order); frame++) {
            basis.frames.set(frame, PageFlag.TABLE);
        }
        return pfn;
    }

    @Override
    public void releaseTableFrame(int pfn) {
        releaseTableFrames(pfn, 0);
    }

    @Override
    public void releaseTableFrames(int pfn, int order) {
        for (int frame = pfn; frame < pfn + (1 << order); frame++) {
            basis.frames.clear(frame, PageFlag.TABLE);
        }
        basis.pages.freePages(pfn, order);
    }
}

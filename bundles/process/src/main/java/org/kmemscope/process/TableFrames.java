package org.kmemscope.process;

import org.kmemscope.api.mmu.TableSource;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/** Frames for page tables of processes: {@code pgd_alloc()} asks for the top, {@code pte_alloc_one()} for the rest. */
final class TableFrames implements TableSource {
    private final Basis basis;
    /** Whether the next frames are for a top table. */
    private boolean top;

    TableFrames(Basis basis) {
        this.basis = basis;
    }

    /** What is asked for next is a top table. */
    void beginTop() {
        top = true;
    }

    @Override
    public int tableFrames(int order) {
        int mask = top ? basis.rules.topMask() : basis.rules.tableMask();
        top = false;
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

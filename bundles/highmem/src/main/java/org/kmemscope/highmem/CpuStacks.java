package org.kmemscope.highmem;

import java.util.List;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.KmapView;

/**
 * A stack of windows on each CPU: 2.6.37 to 5.10 ({@code kmap_atomic_idx_push()}).
 *
 * <pre>
 *   CPU n:  | 0 | 1 | 2 | ... | KM_TYPE_NR - 1 |        depth: windows in use
 * </pre>
 *
 * <ol>
 *   <li>Mapping takes the window at the top; giving back frees the one at the top, whichever address it is called with. With
 *       DEBUG_HIGHMEM the kernel notices a wrong address: i386 warns once, ARM has a BUG. Without, it is told here.
 *   <li>ARM without DEBUG_HIGHMEM leaves the entry of a freed window as it is.
 *   <li>A full stack is a BUG with DEBUG_HIGHMEM; without, the kernel would go on in the windows of the next CPU. Here it is always one.
 * </ol>
 */
final class CpuStacks implements AtomicWindows {
    private final ExecutionContext context;
    private final HighmemRules rules;
    private final WindowRow row;
    private final Entries entries;
    private final WindowWords words;
    /** By CPU: windows in use. */
    private int[] depths;
    /** By window: the page it shows, where it is in use. */
    private int[] pages;

    private boolean warned;

    CpuStacks(Ground ground, HighmemRules rules, WindowRow row, WindowWords words) {
        this.rules = rules;
        this.row = row;
        this.words = words;
        context = ground.context();
        entries = new Entries(ground, rules);
        depths = new int[ground.profile().cpus()];
        pages = new int[row.count()];
    }

    @Override
    public void check(String slot) {
        int cpu = context.cpu();
        if (depths[cpu] == row.perCpu()) {
            throw new KernelBug(String.format(
                    "kernel BUG at include/linux/highmem.h: all %d kmap_atomic() windows of CPU %d are in use",
                    row.perCpu(), cpu));
        }
    }

    @Override
    public long map(int pfn, String slot) {
        int cpu = context.cpu();
        int window = row.number(cpu, depths[cpu]++);
        long virt = row.address(window);
        entries.set(virt, pfn);
        pages[window] = pfn;
        entries.traceMap(pfn, virt, window);
        return virt;
    }

    @Override
    public void unmap(long virt) {
        int cpu = context.cpu();
        if (depths[cpu] == 0) {
            throw new KernelBug(String.format(
                    "kernel BUG at include/linux/highmem.h: kunmap_atomic() of 0x%08x, but CPU %d has no window in use",
                    virt, cpu));
        }
        int top = row.number(cpu, depths[cpu] - 1);
        if (row.containing(virt) != top) {
            outOfOrder(virt, top);
        }
        depths[cpu]--;
        if (!rules.leavesMapping()) {
            entries.clear(row.address(top), virt & -Profile.PAGE_SIZE);
        }
        entries.traceUnmap(row.address(top), top);
    }

    private void outOfOrder(long virt, int top) {
        if (!rules.debug()) {
            words.unnoticed(
                    "kunmap_atomic() of 0x%08x out of order: the window at 0x%08x goes instead",
                    virt, row.address(top));
        } else if (rules.arm()) {
            throw new KernelBug(String.format(
                    "kernel BUG at %s: kunmap_atomic() of 0x%08x, the last window is 0x%08x",
                    rules.archFile(), virt, row.address(top)));
        } else if (!warned) {
            warned = true;
            words.warning(rules.archFile(), "__kunmap_atomic");
        }
    }

    @Override
    public int pageAt(long virt) {
        return entries.page(virt);
    }

    private boolean isUsed(int window) {
        return row.cpu(window) < depths.length && row.slot(window) < depths[row.cpu(window)];
    }

    @Override
    public boolean isUsed(long virt) {
        return isUsed(row.containing(virt));
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        int window = row.containing(virt);
        if (window != WindowRow.NONE) {
            int page = entries.page(virt);
            String state = isUsed(window) ? "" : page < 0 ? "free" : "free, but still ";
            String shows = page < 0 ? "" : String.format("shows pfn 0x%x", page);
            facts.add(new AddressFact(
                    "kmap",
                    String.format(
                            "kmap_atomic window %d of CPU %d, %s%s", row.slot(window), row.cpu(window), state, shows)));
        }
    }

    @Override
    public void addViews(List<KmapView> views) {
        for (int window = 0; window < pages.length; window++) {
            if (isUsed(window)) {
                views.add(new KmapView("kmap_atomic", window, "", row.address(window), pages[window], 1));
            }
        }
    }

    @Override
    public void verify(Verification report) {
        for (int window = 0; window < pages.length; window++) {
            int page = entries.page(row.address(window));
            report.check(
                    isUsed(window) ? page == pages[window] : page < 0 || rules.leavesMapping(),
                    "highmem: kmap_atomic window %d is %s, its entry has pfn 0x%x",
                    window,
                    isUsed(window) ? String.format("used for pfn 0x%x", pages[window]) : "free",
                    page);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(depths);
        out.putInts(pages);
        out.putBoolean(warned);
    }

    @Override
    public void restore(StateReader in) {
        depths = in.getInts();
        pages = in.getInts();
        warned = in.getBoolean();
    }
}

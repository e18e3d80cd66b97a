package org.kmemscope.highmem;

import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.KmapView;

/**
 * A window for each purpose on each CPU: kernels up to 2.6.36.
 *
 * <pre>
 *   window = type + KM_TYPE_NR * cpu          with DEBUG_HIGHMEM on i386 every second window is a fence: type = 2 * purpose + 1
 * </pre>
 *
 * <ol>
 *   <li>Nothing reserves a window: it belongs to whoever comes. Who nests takes another purpose.
 *   <li>i386 checks that the entry is empty, and clears it when the window is given back. ARM does both with DEBUG_HIGHMEM only;
 *       without, the second mapping silently takes the place of the first. That is told here, although the kernel does not.
 *   <li>With DEBUG_HIGHMEM, kernels from 2.6.30 on warn of purposes that do not fit the context.
 * </ol>
 */
final class TypedWindows implements AtomicWindows {
    private static final int EMPTY = -1;
    /** Warnings of a kernel about purposes, after which it is silent. */
    private static final int MOST_WARNINGS = 11;

    private final ExecutionContext context;
    private final HighmemRules rules;
    private final WindowRow row;
    private final Entries entries;
    private final WindowWords words;
    private final boolean fences;
    /** By window: the page it shows, or EMPTY. */
    private int[] pages;

    private int warnings;

    TypedWindows(Ground ground, HighmemRules rules, WindowRow row, WindowWords words) {
        this.rules = rules;
        this.row = row;
        this.words = words;
        context = ground.context();
        entries = new Entries(ground, rules);
        fences = row.perCpu() > 2 * rules.types().names().size();
        pages = new int[row.count()];
        Arrays.fill(pages, EMPTY);
    }

    private int window(String slot) {
        int type = rules.types().number(slot);
        return row.number(context.cpu(), fences ? 2 * type + 1 : type);
    }

    private String name(int window) {
        int slot = row.slot(window);
        return rules.types().names().get(fences ? slot / 2 : slot);
    }

    @Override
    public void check(String slot) {
        int window = window(slot);
        if (pages[window] != EMPTY && (!rules.arm() || rules.debug())) {
            throw new KernelBug(String.format(
                    "kernel BUG at %s: kmap_atomic() slot %s of CPU %d is in use, it shows pfn 0x%x",
                    rules.archFile(), slot, context.cpu(), pages[window]));
        }
    }

    @Override
    public long map(int pfn, String slot) {
        int window = window(slot);
        warnOfContext(slot);
        if (pages[window] != EMPTY) {
            words.unnoticed(
                    "kmap_atomic() slot %s of CPU %d shows pfn 0x%x and is taken for pfn 0x%x: the first user sees the page of the"
                            + " second now",
                    slot, context.cpu(), pages[window], pfn);
        }
        long virt = row.address(window);
        entries.set(virt, pfn);
        pages[window] = pfn;
        entries.traceMap(pfn, virt, window);
        return virt;
    }

    private void warnOfContext(String slot) {
        if (rules.debug()
                && warnings < MOST_WARNINGS
                && !KmTypes.fits(slot, context.inHardirq(), context.inInterrupt(), context.irqsDisabled())) {
            warnings++;
            words.warning("mm/highmem.c", "debug_kmap_atomic");
        }
    }

    @Override
    public void unmap(long virt) {
        int window = row.containing(virt);
        if (row.cpu(window) != context.cpu()) {
            if (rules.debug()) {
                throw new KernelBug(String.format(
                        "kernel BUG at %s: kunmap_atomic() of 0x%08x on CPU %d, which is a window of CPU %d",
                        rules.archFile(), virt, context.cpu(), row.cpu(window)));
            }
            words.unnoticed(
                    "kunmap_atomic() of 0x%08x on CPU %d: the window is one of CPU %d and stays mapped",
                    virt, context.cpu(), row.cpu(window));
            return;
        }
        pages[window] = EMPTY;
        if (!rules.leavesMapping()) {
            long page = row.address(window);
            entries.clear(page, page);
        }
        entries.traceUnmap(row.address(window), window);
    }

    @Override
    public int pageAt(long virt) {
        return entries.page(virt);
    }

    @Override
    public boolean isUsed(long virt) {
        return pages[row.containing(virt)] != EMPTY;
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        int window = row.containing(virt);
        if (window == WindowRow.NONE) {
            return;
        }
        int page = entries.page(virt);
        String left = page < 0 ? "free" : String.format("free, but still shows pfn 0x%x", page);
        String state = pages[window] == EMPTY ? left : String.format("shows pfn 0x%x", pages[window]);
        boolean fence = fences && row.slot(window) % 2 == 0;
        facts.add(new AddressFact(
                "kmap",
                fence
                        ? "fence between the kmap_atomic windows of CPU " + row.cpu(window)
                        : String.format("kmap_atomic window %s of CPU %d, %s", name(window), row.cpu(window), state)));
    }

    @Override
    public void addViews(List<KmapView> views) {
        for (int window = 0; window < pages.length; window++) {
            if (pages[window] != EMPTY) {
                views.add(new KmapView("kmap_atomic", window, name(window), row.address(window), pages[window], 1));
            }
        }
    }

    @Override
    public void verify(Verification report) {
        for (int window = 0; window < pages.length; window++) {
            int page = entries.page(row.address(window));
            report.check(
                    page == pages[window] || pages[window] == EMPTY && rules.leavesMapping(),
                    "highmem: kmap_atomic window %d shows pfn 0x%x, its entry has 0x%x",
                    window,
                    pages[window],
                    page);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(pages);
        out.putInt(warnings);
    }

    @Override
    public void restore(StateReader in) {
        pages = in.getInts();
        warnings = in.getInt();
    }
}

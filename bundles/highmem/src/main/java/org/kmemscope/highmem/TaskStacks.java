package org.kmemscope.highmem;

import java.util.Arrays;
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
 * A stack of windows for each task, from 5.11 on: {@code kmap_local_page()}, and {@code kmap_atomic()} on top of it.
 *
 * <pre>
 *   task A: pfn, pfn, pfn          task B: pfn            (task_struct::kmap_ctrl)
 *             |                              |
 *   CPU n:  | 0 | 1 | 2 | ...  KM_MAX_IDX - 2 |           the windows show the stack of the task that runs
 * </pre>
 *
 * <ol>
 *   <li>Mapping takes the next window of the task's stack; of KM_MAX_IDX = 16 the last is never reached, as the kernel checks after it
 *       has counted up. With DEBUG_KMAP_LOCAL every second window is a guard.
 *   <li>Giving back frees the window at the top: its entry is cleared, the TLB forgets the address that was given. If these are not the
 *       same, the kernel warns, once.
 *   <li>When another task runs, the entries of the last one are cleared and those of the new one set again: a task may sleep with
 *       windows open, and finds them as they were. Its CPU does not change meanwhile ({@code migrate_disable()}).
 * </ol>
 */
final class TaskStacks implements AtomicWindows, ExecutionContext.TaskSwitch {
    private static final int NONE = -1;
    private static final int FIRST_TASKS = 4;

    private final ExecutionContext context;
    private final HighmemRules rules;
    private final WindowRow row;
    private final Entries entries;
    private final WindowWords words;
    private final int deepest;
    /** Tasks with windows; those of one task lie side by side in {@link #pages} and {@link #windows}. */
    private int[] pids = new int[FIRST_TASKS];

    private int[] depths = new int[FIRST_TASKS];
    private int[] pages;
    private int[] windows;
    private boolean warned;

    TaskStacks(Ground ground, HighmemRules rules, WindowRow row, WindowWords words) {
        this.rules = rules;
        this.row = row;
        this.words = words;
        context = ground.context();
        entries = new Entries(ground, rules);
        deepest = Math.max(0, (row.perCpu() - 1) / rules.localStep());
        pages = new int[FIRST_TASKS * deepest];
        windows = new int[FIRST_TASKS * deepest];
        context.onTaskSwitch(this);
    }

    /** Number of a task that has windows, or NONE. */
    private int task(int pid) {
        for (int task = 0; task < pids.length; task++) {
            if (depths[task] > 0 && pids[task] == pid) {
                return task;
            }
        }
        return NONE;
    }

    private int newTask(int pid) {
        for (int task = 0; task < pids.length; task++) {
            if (depths[task] == 0) {
                pids[task] = pid;
                return task;
            }
        }
        int task = pids.length;
        pids = Arrays.copyOf(pids, 2 * task);
        depths = Arrays.copyOf(depths, 2 * task);
        pages = Arrays.copyOf(pages, 2 * pages.length);
        windows = Arrays.copyOf(windows, 2 * windows.length);
        pids[task] = pid;
        return task;
    }

    @Override
    public void check(String slot) {
        int task = task(context.pid());
        if (deepest == 0 || task != NONE && depths[task] == deepest) {
            throw new KernelBug(String.format(
                    "kernel BUG at mm/highmem.c: all %d local windows of task %d are in use", deepest, context.pid()));
        }
    }

    @Override
    public long map(int pfn, String slot) {
        int task = task(context.pid());
        if (task == NONE) {
            task = newTask(context.pid());
        }
        int depth = depths[task]++;
        int window = row.number(context.cpu(), rules.localStep() * (depth + 1) - 1);
        long virt = row.address(window);
        entries.set(virt, pfn);
        pages[task * deepest + depth] = pfn;
        windows[task * deepest + depth] = window;
        entries.traceMap(pfn, virt, window);
        return virt;
    }

    @Override
    public void unmap(long virt) {
        int task = task(context.pid());
        if (task == NONE) {
            throw new KernelBug(String.format(
                    "kernel BUG at mm/highmem.c: kunmap_local() of 0x%08x, but task %d has no window in use",
                    virt, context.pid()));
        }
        int top = windows[task * deepest + depths[task] - 1];
        if (row.containing(virt) != top && !warned) {
            warned = true;
            words.warning("mm/highmem.c", "kunmap_local_indexed");
        }
        entries.clear(row.address(top), virt & -Profile.PAGE_SIZE);
        depths[task]--;
        entries.traceUnmap(row.address(top), top);
    }

    @Override
    public void switched(int from, int to) {
        int before = task(from);
        for (int i = 0; before != NONE && i < depths[before]; i++) {
            long virt = row.address(windows[before * deepest + i]);
            entries.clear(virt, virt);
        }
        int now = task(to);
        for (int i = 0; now != NONE && i < depths[now]; i++) {
            entries.set(row.address(windows[now * deepest + i]), pages[now * deepest + i]);
        }
    }

    // ---- looking

    @Override
    public int pageAt(long virt) {
        return entries.page(virt);
    }

    /** The place of a window on the stack of a task, or NONE. */
    private int place(int task, int window) {
        for (int i = 0; i < depths[task]; i++) {
            if (windows[task * deepest + i] == window) {
                return i;
            }
        }
        return NONE;
    }

    @Override
    public boolean isUsed(long virt) {
        int task = task(context.pid());
        return task != NONE && place(task, row.containing(virt)) != NONE;
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        int window = row.containing(virt);
        if (window == WindowRow.NONE) {
            return;
        }
        StringBuilder users = new StringBuilder();
        for (int task = 0; task < pids.length; task++) {
            int place = place(task, window);
            if (place != NONE) {
                users.append(String.format(", shows pfn 0x%x to task %d", pages[task * deepest + place], pids[task]));
            }
        }
        facts.add(new AddressFact(
                "kmap",
                String.format(
                        "local window %d of CPU %d%s",
                        row.slot(window), row.cpu(window), users.isEmpty() ? ", free" : users)));
    }

    @Override
    public void addViews(List<KmapView> views) {
        for (int task = 0; task < pids.length; task++) {
            for (int i = 0; i < depths[task]; i++) {
                int window = windows[task * deepest + i];
                views.add(new KmapView(
                        "kmap_local", window, "task " + pids[task], row.address(window), pages[task * deepest + i], 1));
            }
        }
    }

    @Override
    public void verify(Verification report) {
        int now = task(context.pid());
        for (int window = 0; window < row.count(); window++) {
            int place = now == NONE ? NONE : place(now, window);
            int page = entries.page(row.address(window));
            int expected = place == NONE ? NONE : pages[now * deepest + place];
            report.check(
                    page == expected,
                    "highmem: local window %d shows pfn 0x%x, for task %d it should be 0x%x",
                    window,
                    page,
                    context.pid(),
                    expected);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(pids);
        out.putInts(depths);
        out.putInts(pages);
        out.putInts(windows);
        out.putBoolean(warned);
    }

    @Override
    public void restore(StateReader in) {
        pids = in.getInts();
        depths = in.getInts();
        pages = in.getInts();
        windows = in.getInts();
        warned = in.getBoolean();
    }
}

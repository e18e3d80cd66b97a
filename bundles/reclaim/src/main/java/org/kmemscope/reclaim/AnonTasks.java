package org.kmemscope.reclaim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.kmemscope.api.error.TaskKilled;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.reclaim.OomTasks;
import org.kmemscope.api.reclaim.PageOwner;
import org.kmemscope.api.reclaim.UserTasks;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.view.TaskView;

/**
 * Simulated tasks and their anonymous memory. A page is mapped once: one reference, one entry. Touching a new page is a page fault: a page
 * table if the piece of address space has none, then a zeroed page that may come from high memory; touching one that was swapped out brings
 * it back.
 */
final class AnonTasks implements UserTasks, OomTasks, PageOwner, Stateful {
    private static final int NONE = PageFrames.NONE;
    private static final int MOST_COMM = 15;
    private static final long MOST_PAGES = 3L << 18;
    /** Pages that one page of page tables maps: ARM keeps Linux's entries beside the processor's. */
    private static final int ENTRIES = 512;

    private static final int ENTRIES_OF_32_BITS = 1024;
    private static final String FAULT = "handle_mm_fault";

    private final Basis basis;
    private final PageFrames frames;
    private final LruPages pages;
    private final SwapArea swap;
    private final LongPredicate enoughMemory;
    private final Runnable runThreads;
    private final Map<Integer, SimTask> byId = new LinkedHashMap<>();
    private final int owner;
    private final int pageMask;
    private final int tableMask;
    private final int entriesPerTable;
    private final OomAdjust adjust;
    private int nextId = 1;

    AnonTasks(
            Basis basis,
            LruPages pages,
            SwapArea swap,
            OomAdjust adjust,
            LongPredicate enoughMemory,
            Runnable runThreads) {
        this.basis = basis;
        this.pages = pages;
        this.swap = swap;
        this.adjust = adjust;
        this.runThreads = runThreads;
        frames = basis.frames;
        owner = basis.owners.add(this);
        this.enoughMemory = enoughMemory;
        GfpTable gfp = basis.floor.gfp();
        ArchSpec arch = basis.floor.profile().arch();
        KernelVersion version = basis.floor.profile().kernel().version();
        int mask = gfp.of(Gfp.GFP_HIGHUSER_MOVABLE);
        // ARM clears the page itself; a folio is always a compound page
        mask |= arch.arch() == ArchSpec.Arch.ARM ? 0 : gfp.of(Gfp.__GFP_ZERO);
        pageMask = version.isAtLeast(5, 18) ? mask | gfp.of(Gfp.__GFP_COMP) : mask;
        boolean highTables = basis.floor.profile().kernel().config().is("HIGHPTE");
        tableMask = gfp.of(Gfp.GFP_KERNEL)
                | gfp.of(Gfp.__GFP_ZERO)
                | gfp.orZero(Gfp.__GFP_REPEAT)
                | (highTables ? gfp.of(Gfp.__GFP_HIGHMEM) : 0);
        entriesPerTable = arch.tables() == ArchSpec.Tables.I386_2LEVEL ? ENTRIES_OF_32_BITS : ENTRIES;
    }

    // ---- tasks

    private SimTask known(int pid) {
        for (SimTask task : byId.values()) {
            if (task.pid == pid) {
                return task;
            }
        }
        throw new IllegalArgumentException("no task has pid " + pid
                + (byId.isEmpty()
                        ? "; spawn one"
                        : "; there are "
                                + String.join(
                                        ", ",
                                        byId.values().stream()
                                                .map(task -> task.pid + " (" + task.comm + ")")
                                                .toList())));
    }

    @Override
    public int spawn(String comm, int uid) {
        if (comm.isEmpty() || comm.length() > MOST_COMM) {
            throw new IllegalArgumentException("a task's name has 1 to " + MOST_COMM + " characters");
        }
        SimTask task = new SimTask(nextId++ & KEY_MASK, basis.host.newPid(), uid, comm, basis.jiffies());
        byId.put(task.id, task);
        return task.pid;
    }

    @Override
    public Touched touch(int pid, long number) {
        SimTask task = known(pid);
        if (number < 0 || task.size + number > MOST_PAGES) {
            throw new IllegalArgumentException(
                    "a task can have " + MOST_PAGES + " pages (3 GiB), this one has " + task.size);
        }
        if (!enoughMemory.test(number)) {
            return new Touched(0, Outcome.NO_MEMORY, "");
        }
        int first = task.size;
        task.grow((int) number);
        return run(task, first, task.size);
    }

    @Override
    public Touched touchAgain(int pid) {
        SimTask task = known(pid);
        return run(task, 0, task.size);
    }

    private Touched run(SimTask task, int from, int to) {
        int page = from;
        try {
            while (page < to) {
                int now = page;
                basis.host.runAs(task.pid, task.comm, FAULT, () -> fault(task, now));
                page++;
                // on its way back to user space, a task gives way to a thread that was woken
                runThreads.run();
            }
            return new Touched((long) page - from, Outcome.DONE, "");
        } catch (TaskKilled killed) {
            if (byId.containsKey(task.id)) {
                throw killed;
            }
            return new Touched((long) page - from, Outcome.KILLED, killed.getMessage());
        }
    }

    // ---- page faults

    private void fault(SimTask task, int page) {
        int entry = task.table[page];
        if (entry > 0) {
            task.young.set(page);
            written(entry - 1);
            return;
        }
        basis.counters.add(VmCounters.Event.PGFAULT, 1);
        if (page / entriesPerTable >= task.tables.length) {
            task.addTable(take(tableMask, task));
            frames.set(task.tables[task.tables.length - 1], PageFlag.TABLE);
        }
        if (entry < 0) {
            swapIn(task, page, -entry);
        } else {
            int pfn = take(pageMask, task);
            frames.setFlags(pfn, frames.flags(pfn) & ~PageFlag.HEAD.bit());
            frames.setPrivateData(pfn, 0);
            map(task, page, pfn);
        }
        if (task.locked) {
            pages.mlock(task.table[page] - 1);
        }
    }

    private int take(int gfp, SimTask task) {
        int pfn = basis.pages.allocPages(gfp, 0);
        if (pfn == NONE) {
            String line = "VM: killing process " + task.comm;
            basis.floor.log().printk(KernelLog.ERR, line);
            exit(task);
            TaskKilled killed = new TaskKilled(line);
            killed.markReported();
            throw killed;
        }
        return pfn;
    }

    /** {@code do_swap_page()}. */
    private void swapIn(SimTask task, int page, int slot) {
        int pfn = swap.cached(slot);
        if (pfn == NONE) {
            basis.counters.add(VmCounters.Event.PGMAJFAULT, 1);
            pfn = take(pageMask, task);
            // the memory this took may have come from others, but the slot is still there
            swap.read(slot, pfn);
            frames.setPrivateData(pfn, 0);
            task.swapped--;
            map(task, page, pfn);
            return;
        }
        task.swapped--;
        task.table[page] = pfn + 1;
        task.resident++;
        task.young.set(page);
        frames.setMapCount(pfn, 1);
        written(pfn);
        pages.markAccessed(pfn);
    }

    /** A page is written to: what its slot has is out of date. */
    private void written(int pfn) {
        if (frames.is(pfn, PageFlag.SWAPCACHE)) {
            if (frames.is(pfn, PageFlag.WRITEBACK)) {
                frames.set(pfn, PageFlag.DIRTY);
            } else {
                swap.uncache(pfn);
            }
        }
    }

    private void map(SimTask task, int page, int pfn) {
        frames.setMapping(pfn, PageOwner.mapping(owner, task.id));
        frames.setIndex(pfn, page);
        frames.setMapCount(pfn, 1);
        frames.setFlags(
                pfn,
                frames.flags(pfn)
                        | PageFlag.SWAPBACKED.bit()
                        | PageFlag.UPTODATE.bit()
                        | (basis.rules.anonStartsActive() ? PageFlag.ACTIVE.bit() : 0));
        task.table[page] = pfn + 1;
        task.resident++;
        task.young.set(page);
        pages.add(pfn);
    }

    // ---- giving back

    @Override
    public void release(int pid, long number) {
        SimTask task = known(pid);
        if (number < 0 || number > task.size) {
            throw new IllegalArgumentException("task " + pid + " has " + task.size + " pages");
        }
        for (int page = task.size - 1; page >= task.size - number; page--) {
            unmapPage(task, page);
        }
        task.size -= (int) number;
    }

    private void unmapPage(SimTask task, int page) {
        int entry = task.table[page];
        task.table[page] = 0;
        task.young.clear(page);
        if (entry > 0) {
            int pfn = entry - 1;
            task.resident--;
            frames.setMapCount(pfn, 0);
            if (frames.is(pfn, PageFlag.SWAPCACHE)) {
                swap.uncache(pfn);
            }
            pages.give(pfn);
        } else if (entry < 0) {
            task.swapped--;
            int pfn = swap.cached(-entry);
            if (pfn == NONE) {
                swap.release(-entry);
            } else {
                swap.uncache(pfn);
                pages.give(pfn);
            }
        }
    }

    @Override
    public void lock(int pid, boolean on) {
        SimTask task = known(pid);
        task.locked = on;
        for (int page = 0; page < task.size; page++) {
            if (task.table[page] > 0) {
                if (on) {
                    pages.mlock(task.table[page] - 1);
                } else {
                    pages.munlock(task.table[page] - 1);
                }
            }
        }
    }

    @Override
    public void setOomAdjust(int pid, int value) {
        adjust.check(value);
        known(pid).oomAdjust = value;
    }

    @Override
    public List<Integer> oomAdjustRange() {
        return List.of(adjust.least(), adjust.most());
    }

    @Override
    public void exit(int pid) {
        exit(known(pid));
    }

    private void exit(SimTask task) {
        for (int page = 0; page < task.size; page++) {
            unmapPage(task, page);
        }
        for (int pfn : task.tables) {
            frames.clear(pfn, PageFlag.TABLE);
            basis.pages.freePages(pfn, 0);
        }
        byId.remove(task.id);
    }

    @Override
    public void kill(int pid) {
        exit(known(pid));
    }

    @Override
    public List<TaskView> tasks() {
        List<TaskView> views = new ArrayList<>();
        for (SimTask task : byId.values()) {
            views.add(new TaskView(
                    task.pid,
                    task.uid,
                    task.comm,
                    task.size,
                    task.resident,
                    0,
                    task.swapped,
                    task.tables.length,
                    task.locked ? task.resident : 0,
                    task.oomAdjust,
                    task.start));
        }
        return views;
    }

    // ---- as owner

    private SimTask taskOf(int pfn) {
        return byId.get(PageOwner.keyOf(frames.mapping(pfn)));
    }

    @Override
    public String describe(int pfn) {
        SimTask task = taskOf(pfn);
        return "anonymous page " + frames.index(pfn) + " of " + task.comm + " (pid " + task.pid + ")";
    }

    @Override
    public int referenced(int pfn) {
        SimTask task = taskOf(pfn);
        int page = frames.index(pfn);
        boolean was = task.young.get(page);
        task.young.clear(page);
        return was ? 1 : 0;
    }

    @Override
    public boolean unmap(int pfn, int swapEntry) {
        SimTask task = taskOf(pfn);
        if (task.locked || swapEntry == 0) {
            return false;
        }
        task.table[frames.index(pfn)] = -swapEntry;
        task.resident--;
        task.swapped++;
        frames.setMapCount(pfn, 0);
        return true;
    }

    @Override
    public boolean drop(int pfn) {
        // an anonymous page only goes through swap
        return false;
    }

    @Override
    public void write(int pfn) {
        throw new IllegalStateException("an anonymous page is written to swap");
    }

    @Override
    public boolean migrate(int from, int to) {
        taskOf(from).table[frames.index(from)] = to + 1;
        return true;
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(nextId);
        out.putInt(byId.size());
        byId.values().forEach(task -> task.save(out));
    }

    @Override
    public void restore(StateReader in) {
        nextId = in.getInt();
        byId.clear();
        for (int i = in.getInt(); i > 0; i--) {
            SimTask task = SimTask.read(in);
            byId.put(task.id, task);
        }
    }
}

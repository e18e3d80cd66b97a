package org.kmemscope.api.reclaim;

import java.util.List;
import org.kmemscope.api.ground.Part;
import org.kmemscope.api.page.PageAllocator.Tunable;
import org.kmemscope.api.view.CounterView;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Reclaim ({@code mm/vmscan.c} and what belongs to it). Pages that can be reclaimed are on LRU lists, linked through their {@code struct
 * page}; flags say which: {@code PG_swapbacked} anonymous memory, without it pages of files; {@code PG_active}; {@code PG_unevictable}.
 * Up to 4.7 each zone has its own lists, later the node has; 2.6.24 keeps anonymous memory and files together.
 */
@ProviderType
public interface Reclaim extends Part {
    // ---- for owners of pages

    /**
     * Adds an owner while the machine is built, in the same order each time.
     *
     * @return its number, for {@link PageOwner#mapping}
     */
    int addOwner(PageOwner owner);

    /** Adds caches that can be shrunk ({@code register_shrinker()}). */
    void addShrinker(Shrinker shrinker);

    /** Adds tasks that the OOM killer may choose from. */
    void addTasks(OomTasks tasks);

    /**
     * {@code lru_cache_add()}: puts a page with a mapping at the head of its list. Flags tell which.
     */
    void lruAdd(int pfn);

    /**
     * {@code lru_cache_add_active()}, or what came after it: puts a new page of anonymous memory, with a mapping, on the list that its
     * kernel begins with, and sets the flags for it.
     */
    void lruAddAnon(int pfn);

    /** Takes a page off its list before its owner frees it. A page that is being written is freed when that has ended. */
    void lruRemove(int pfn);

    /** {@code mark_page_accessed()}: once referenced, twice active. */
    void markAccessed(int pfn);

    /** {@code set_page_dirty()}: it must be written before it can go; the flusher will. */
    void setDirty(int pfn);

    /** {@code mlock_vma_page()}: the page goes to the list of unevictable ones, or stays on its list where there is none (2.6.24). */
    void mlock(int pfn);

    /** {@code munlock_vma_page()}. */
    void munlock(int pfn);

    /** Swap. */
    Swap swap();

    // ---- for tasks

    /**
     * {@code __vm_enough_memory()}: whether a task may map more, as {@code vm.overcommit_memory} says.
     *
     * @param pages how much more
     */
    boolean enoughMemory(long pages);

    /**
     * Counts a page fault of a task.
     *
     * @param major whether it waits for the disk
     */
    void countFault(boolean major);

    /** The smallest and the largest value of a task's {@code oom_score_adj}; before 2.6.36 of its {@code oom_adj}. */
    List<Integer> oomAdjustRange();

    /** Refuses a value that such a file does not take, with one line ({@code IllegalArgumentException}). */
    void checkOomAdjust(int value);

    // ---- built-in owners

    /** Files. */
    PageCache pageCache();

    /** Simulated tasks with anonymous memory. */
    UserTasks tasks();

    // ---- threads and time

    /** Lets the kernel's threads run that have something to do: kswapd, the flusher, kcompactd. The current context must be that of a task. */
    void runThreads();

    /** kswapd and the state of the node. */
    KswapdView kswapd();

    // ---- looking

    /**
     * Counters of {@code /proc/vmstat} that reclaim keeps: those of pages by their state are not among them, the page allocator's views
     * have them. A counter that eras name differently is there under every name.
     */
    List<CounterView> counters();

    /** Values of {@code /proc/sys/vm} that reclaim has. */
    List<Tunable> tunables();

    /**
     * Writes a tunable; some do something at once ({@code drop_caches}, {@code compact_memory}).
     *
     * @throws IllegalArgumentException with one line, if there is no such tunable or the value does not fit
     */
    void setTunable(String name, String value);
}

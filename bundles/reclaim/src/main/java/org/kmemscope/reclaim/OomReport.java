package org.kmemscope.reclaim;

import java.util.List;
import java.util.Locale;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.api.view.TaskView;

/**
 * What the OOM killer logs, in the words and the layout of the machine's kernel: who asked for what, the stack, the "Mem-Info" block, where
 * objects take more than pages on the LRU lists the caches, the tasks, and whom it killed. As in the page allocator's reports, what lies between
 * the first line and the last is KERN_INFO here, so that a console that shows warnings is not flooded.
 */
final class OomReport {
    private static final int KB_PER_PAGE = 4;
    private static final int PAGE_SIZE = 4096;
    private static final int SLAB = PageFlag.SLAB.bit();
    private static final int RECLAIMABLE = PageFlag.RECLAIMABLE.bit();

    private final Basis basis;
    private final OomAdjust adjust;
    private final KernelVersion version;
    private final boolean cpusets;
    private final boolean memcg;

    OomReport(Basis basis, OomAdjust adjust) {
        this.basis = basis;
        this.adjust = adjust;
        version = basis.floor.profile().kernel().version();
        KernelConfig config = basis.floor.profile().kernel().config();
        cpusets = config.is("CPUSETS");
        memcg = config.is("MEMCG");
    }

    private void warn(String format, Object... values) {
        basis.floor.log().printk(KernelLog.WARNING, String.format(Locale.ROOT, format, values));
    }

    private void body(String format, Object... values) {
        basis.floor.log().printk(KernelLog.INFO, String.format(Locale.ROOT, format, values));
    }

    private void err(String format, Object... values) {
        basis.floor.log().printk(KernelLog.ERR, String.format(Locale.ROOT, format, values));
    }

    /** {@code dump_header()}. */
    void header(int gfp, int order, int callersAdjust, List<TaskView> tasks) {
        ExecutionContext context = basis.floor.context();
        GfpTable table = basis.floor.gfp();
        String comm = context.comm();
        String mask = version.isAtLeast(4, 6) ? String.format("%#x(%s)", gfp, table.format(gfp)) : hex(gfp);
        warn("%s invoked oom-killer: gfp_mask=%s, order=%d, %s", comm, mask, order, adjustment(callersAdjust));
        // later kernels name it in the last line
        if (cpusets && version.isAtLeast(2, 6, 29) && !version.isAtLeast(5, 0)) {
            body("%s cpuset=/ mems_allowed=0", comm);
        }
        basis.pages.dumpStack(List.of("dump_header", "oom_kill_process", "out_of_memory", "__alloc_pages"));
        basis.pages.showMem(gfp);
        if (version.isAtLeast(4, 15) && objectsTakeMost()) {
            basis.host.objects().ifPresent(this::caches);
        }
        if (basis.settings.is(Settings.DUMP_TASKS)) {
            tasks(tasks);
        }
    }

    private static String hex(int gfp) {
        return String.format("0x%x", gfp);
    }

    private String adjustment(int value) {
        if (basis.rules.oom() == ReclaimRules.OomEra.BADNESS) {
            return (version.isAtLeast(2, 6, 32) ? "oom_adj=" : "oomkilladj=") + value;
        }
        // both names for a while
        return (version.isAtLeast(3, 7) ? "" : "oom_adj=" + adjust.older(value) + ", ") + "oom_score_adj=" + value;
    }

    // ---- caches

    /** {@code should_dump_unreclaim_slab()}. */
    private boolean objectsTakeMost() {
        long lru = 0;
        for (int set = 0; set < basis.lru.sets(); set++) {
            for (int list = 0; list < LruLists.LISTS; list++) {
                lru += basis.lru.count(set, list);
            }
        }
        long objects = 0;
        for (int pfn = basis.frames.firstPfn(); pfn < basis.frames.endPfn(); pfn++) {
            int flags = basis.frames.flags(pfn);
            objects += (flags & SLAB) != 0 && (flags & RECLAIMABLE) == 0 ? 1 : 0;
        }
        return objects > lru;
    }

    private void caches(ObjectAllocator objects) {
        body("Unreclaimable slab info:");
        body("Name                      Used          Total");
        for (SlabCacheView cache : objects.caches()) {
            long used = kb(cache.activeObjects(), cache);
            long total = kb(cache.objects(), cache);
            if (cache.objects() > 0 && !isReclaimable(cache)) {
                body("%-17s %10dKB %10dKB", cache.name(), used, total);
            }
        }
    }

    /** Object allocators tell the flags of a cache by their names. */
    private static boolean isReclaimable(SlabCacheView cache) {
        return cache.attributes().getOrDefault("flags", "").contains(SlabFlag.SLAB_RECLAIM_ACCOUNT.name());
    }

    private static long kb(long objects, SlabCacheView cache) {
        return objects * cache.objectSize() / (PAGE_SIZE / KB_PER_PAGE);
    }

    // ---- tasks

    private void tasks(List<TaskView> tasks) {
        if (version.isAtLeast(4, 20)) {
            body("Tasks state (memory values in pages):");
            body("[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name");
        } else if (version.isAtLeast(3, 3)) {
            body("[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name");
        } else if (version.isAtLeast(2, 6, 36)) {
            body("[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name");
        } else {
            body("[ pid ]   uid  tgid total_vm      rss cpu oom_adj name");
        }
        for (TaskView task : tasks) {
            if (version.isAtLeast(4, 20)) {
                body(
                        "[%7d] %5d %5d %8d %8d %8d %8d         %5d %s",
                        task.pid(),
                        task.uid(),
                        task.pid(),
                        task.totalVm(),
                        task.rss(),
                        task.pageTables() * PAGE_SIZE,
                        task.swapped(),
                        task.oomAdjust(),
                        task.comm());
            } else if (version.isAtLeast(3, 3)) {
                body(
                        "[%5d] %5d %5d %8d %8d %7d %8d         %5d %s",
                        task.pid(),
                        task.uid(),
                        task.pid(),
                        task.totalVm(),
                        task.rss(),
                        task.pageTables(),
                        task.swapped(),
                        task.oomAdjust(),
                        task.comm());
            } else if (version.isAtLeast(2, 6, 36)) {
                body(
                        "[%5d] %5d %5d %8d %8d %3d     %3d         %5d %s",
                        task.pid(),
                        task.uid(),
                        task.pid(),
                        task.totalVm(),
                        task.rss(),
                        basis.floor.context().cpu(),
                        adjust.older(task.oomAdjust()),
                        task.oomAdjust(),
                        task.comm());
            } else {
                body(
                        "[%5d] %5d %5d %8d %8d %3d     %3d %s",
                        task.pid(),
                        task.uid(),
                        task.pid(),
                        task.totalVm(),
                        task.rss(),
                        basis.floor.context().cpu(),
                        task.oomAdjust(),
                        task.comm());
            }
        }
    }

    // ---- the end

    /** {@code oom_kill_process()}. */
    void killed(TaskView task, long score, String why) {
        switch (basis.rules.oom()) {
            case BADNESS -> {
                err("%s: kill process %d (%s) score %d or a child", why, task.pid(), task.comm(), score);
                // sizes came with 2.6.34
                err(
                        version.isAtLeast(2, 6, 34) ? "Killed process %d (%s) %s" : "Killed process %d (%s)",
                        task.pid(),
                        task.comm(),
                        sizes("vsz", task));
            }
            case THOUSANDTHS, PAGES -> {
                err("%s: Kill process %d (%s) score %d or sacrifice child", why, task.pid(), task.comm(), score);
                err("Killed process %d (%s) %s", task.pid(), task.comm(), sizes("total-vm", task));
            }
            case PAGES_ONE_LINE -> {
                body(
                        "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null)%s%s,task=%s,pid=%d,uid=%d",
                        cpusets ? ",cpuset=/,mems_allowed=0" : "",
                        memcg ? ",global_oom,task_memcg=/" : "",
                        task.comm(),
                        task.pid(),
                        task.uid());
                err(
                        "%s: Killed process %d (%s) %s, shmem-rss:0kB, UID:%d pgtables:%dkB oom_score_adj:%d",
                        why,
                        task.pid(),
                        task.comm(),
                        sizes("total-vm", task),
                        task.uid(),
                        task.pageTables() * KB_PER_PAGE,
                        task.oomAdjust());
            }
            default -> throw new IllegalStateException("no such layout: " + basis.rules.oom());
        }
    }

    private static String sizes(String total, TaskView task) {
        return String.format(
                Locale.ROOT,
                "%s:%dkB, anon-rss:%dkB, file-rss:%dkB",
                total,
                task.totalVm() * KB_PER_PAGE,
                task.anonRss() * KB_PER_PAGE,
                task.fileRss() * KB_PER_PAGE);
    }

    /** Nobody is left; the message of the panic. */
    String nobody() {
        if (version.isAtLeast(4, 20)) {
            warn("Out of memory and no killable processes...");
            return "Kernel panic - not syncing: System is deadlocked on memory";
        }
        return "Kernel panic - not syncing: Out of memory and no killable processes...";
    }

    String panicOnOom() {
        return "Kernel panic - not syncing: Out of memory: "
                + (version.isAtLeast(3, 7) ? "compulsory panic_on_oom is enabled" : "panic_on_oom is selected");
    }
}

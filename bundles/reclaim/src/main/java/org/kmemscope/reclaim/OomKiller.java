package org.kmemscope.reclaim;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.error.KernelHang;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.page.Reclaimer.Kill;
import org.kmemscope.api.reclaim.OomTasks;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.TaskView;

/**
 * The last resort ({@code mm/oom_kill.c}).
 *
 * <ol>
 *   <li>From 4.6 on, a mask without {@code __GFP_FS} kills nobody.
 *   <li>{@code vm.panic_on_oom} ends it all.
 *   <li>{@code vm.oom_kill_allocating_task}: the task that asked; else the one with the highest score, the first of equals.
 *   <li>The report; then the task is gone, and its memory is free.
 *   <li>Nobody is left: the kernel panics.
 * </ol>
 *
 * <p>The task that asks takes part even if it has no memory of its own, unless it is a thread of the kernel: whoever calls from the console
 * or from a module's init is a process.
 */
final class OomKiller {
    private static final String OUT_OF_MEMORY = "Out of memory";

    private final Basis basis;
    private final OomScore score;
    private final OomReport report;
    private final List<OomTasks> groups = new ArrayList<>();

    OomKiller(Basis basis, OomScore score, OomReport report) {
        this.basis = basis;
        this.score = score;
        this.report = report;
    }

    void add(OomTasks tasks) {
        groups.add(tasks);
    }

    /** Pages that all tasks have mapped ({@code vm_committed_as}). */
    long committed() {
        return groups.stream()
                .flatMap(group -> group.tasks().stream())
                .mapToLong(TaskView::totalVm)
                .sum();
    }

    private record Candidate(TaskView task, OomTasks group) {}

    /** Stands for the task that asks, if no group knows it. */
    private static final OomTasks CALLER = new OomTasks() {
        @Override
        public List<TaskView> tasks() {
            return List.of();
        }

        @Override
        public void kill(int pid) {
            // it dies of the exception that its request ends with
        }
    };

    Kill run(int gfp, int order) {
        if (basis.rules.oomNeedsFs() && (gfp & basis.fs) == 0) {
            return Kill.NOBODY;
        }
        List<Candidate> candidates = candidates();
        List<TaskView> tasks = candidates.stream().map(Candidate::task).toList();
        int pid = basis.floor.context().pid();
        int adjust = tasks.stream()
                .filter(task -> task.pid() == pid)
                .mapToInt(TaskView::oomAdjust)
                .findFirst()
                .orElse(0);
        if (basis.settings.is(Settings.PANIC_ON_OOM)) {
            report.header(gfp, order, adjust, tasks);
            throw panic(report.panicOnOom());
        }
        Candidate chosen = choose(candidates, pid);
        report.header(gfp, order, adjust, tasks);
        if (chosen == null) {
            throw panic(report.nobody());
        }
        return kill(chosen, pid);
    }

    private List<Candidate> candidates() {
        List<Candidate> candidates = new ArrayList<>();
        for (OomTasks group : groups) {
            group.tasks().forEach(task -> candidates.add(new Candidate(task, group)));
        }
        ExecutionContext context = basis.floor.context();
        boolean known = candidates.stream().anyMatch(some -> some.task.pid() == context.pid());
        if (!known && !basis.host.isKernelThread()) {
            TaskView caller = new TaskView(context.pid(), 0, context.comm(), 0, 0, 0, 0, 0, 0, 0, basis.jiffies());
            candidates.add(new Candidate(caller, CALLER));
        }
        return candidates;
    }

    private Candidate choose(List<Candidate> candidates, int caller) {
        Candidate chosen = null;
        long most = OomScore.NEVER;
        boolean callerFirst = basis.settings.is(Settings.KILL_ALLOCATING_TASK);
        for (Candidate candidate : candidates) {
            long points = score.points(candidate.task);
            if (points == OomScore.NEVER) {
                continue;
            }
            if (callerFirst && candidate.task.pid() == caller) {
                return candidate;
            }
            if (points > most) {
                most = points;
                chosen = candidate;
            }
        }
        return chosen;
    }

    private Kill kill(Candidate chosen, int caller) {
        TaskView task = chosen.task;
        boolean asked = task.pid() == caller;
        boolean allocating = asked && basis.settings.is(Settings.KILL_ALLOCATING_TASK);
        report.killed(
                task, score.score(task), allocating ? OUT_OF_MEMORY + " (oom_kill_allocating_task)" : OUT_OF_MEMORY);
        basis.counters.add(VmCounters.Event.OOM_KILL, 1);
        if (basis.trace.on(TracePoint.MARK_VICTIM)) {
            basis.trace.fire(
                    TracePoint.MARK_VICTIM,
                    task.pid(),
                    basis.trace.callSites().id(task.comm()),
                    task.rss(),
                    asked ? 1 : 0);
        }
        chosen.group.kill(task.pid());
        return asked ? Kill.CALLER : Kill.ANOTHER;
    }

    private KernelHang panic(String message) {
        basis.floor.log().printk(KernelLog.EMERG, message);
        KernelHang panic = new KernelHang(message);
        panic.markReported();
        return panic;
    }
}

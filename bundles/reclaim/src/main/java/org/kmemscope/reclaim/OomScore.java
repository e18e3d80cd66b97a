package org.kmemscope.reclaim;

import org.kmemscope.api.view.TaskView;

/**
 * How much the death of a task would give ({@code badness()}, {@code oom_badness()}).
 *
 * <table>
 *   <caption>by era</caption>
 *   <tr><td>up to 2.6.35<td>total_vm; divided by the root of the CPU time and the fourth root of the run time, neither of which a
 *       simulated task has much of; a quarter for root, and another quarter for the right to raw I/O, which root has; shifted by oom_adj
 *   <tr><td>2.6.36 to 3.2<td>rss and swap in thousandths of memory; 30 less for root; plus oom_score_adj; 0 to 1000
 *   <tr><td>3.3 to 4.16<td>rss, swap and page tables in pages; plus oom_score_adj thousandths of memory, 30 less for root
 *   <tr><td>later<td>the same, and root is a task like others
 * </table>
 *
 * <p>A task with the smallest adjustment is never taken.
 */
final class OomScore {
    private static final int SCALE = 1000;
    private static final int ROOT_BONUS = 30;
    private static final int RUN_TIME_SHIFT = 10;

    private final Basis basis;
    private final OomAdjust adjust;
    private final SwapArea swap;

    OomScore(Basis basis, OomAdjust adjust, SwapArea swap) {
        this.basis = basis;
        this.adjust = adjust;
        this.swap = swap;
    }

    /** Never to be taken. */
    static final long NEVER = Long.MIN_VALUE;

    private long memory() {
        return Math.max(1, basis.pages.totalPages() + swap.total());
    }

    /** What tasks are compared by; {@link #NEVER} for one that is safe. */
    long points(TaskView task) {
        if (task.oomAdjust() == adjust.least()) {
            return NEVER;
        }
        return switch (basis.rules.oom()) {
            case BADNESS -> badness(task);
            case THOUSANDTHS -> thousandths(task);
            case PAGES -> Math.max(1, pages(task, true));
            case PAGES_ONE_LINE -> pages(task, false);
        };
    }

    /** What the report says. */
    long score(TaskView task) {
        long points = points(task);
        return basis.rules.oom() == ReclaimRules.OomEra.PAGES ? points * SCALE / memory() : points;
    }

    private long badness(TaskView task) {
        long points = task.totalVm();
        long runTime = (basis.jiffies() - task.start()) / basis.hz() >> RUN_TIME_SHIFT;
        long fourthRoot = (long) Math.sqrt(Math.floor(Math.sqrt(runTime)));
        points = fourthRoot > 0 ? points / fourthRoot : points;
        if (task.uid() == 0) {
            points = points / 4 / 4;
        }
        if (task.oomAdjust() > 0) {
            return Math.max(1, points) << task.oomAdjust();
        }
        return points >> -task.oomAdjust();
    }

    private long thousandths(TaskView task) {
        long points = (task.rss() + task.swapped() + task.pageTables()) * SCALE / memory();
        points -= task.uid() == 0 ? ROOT_BONUS : 0;
        points += task.oomAdjust();
        return Math.max(1, Math.min(SCALE, points));
    }

    private long pages(TaskView task, boolean bonus) {
        long points = task.rss() + task.swapped() + task.pageTables();
        long adj = task.oomAdjust() - (bonus && task.uid() == 0 ? ROOT_BONUS : 0);
        return points + adj * (memory() / SCALE);
    }
}

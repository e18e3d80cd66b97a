package org.kmemscope.shell.command;

import org.kmemscope.api.reclaim.UserTasks;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code choom}. */
@Command(
        name = "choom",
        description = "Makes the OOM killer choose a task sooner or later: its oom_score_adj, oom_adj before 2.6.36.",
        footerHeading = "%nExample:%n",
        footer = {"  choom $hog 1000", "  choom $hog -1000"})
final class Choom extends TaskCommand {
    @Parameters(
            index = "1",
            paramLabel = "ADJ",
            description = "-1000 (never) to 1000 (first); before 2.6.36 -17 to 15.")
    private int adjust;

    @Override
    void run(UserTasks tasks, int task) {
        tasks.setOomAdjust(task, adjust);
    }
}

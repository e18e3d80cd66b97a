package org.kmemscope.shell.command;

import org.kmemscope.api.reclaim.UserTasks;
import picocli.CommandLine.Command;

/** {@code kill}. */
@Command(
        name = "kill",
        description = "Ends a task; its memory is free.",
        footerHeading = "%nExample:%n",
        footer = "  kill $hog")
final class Kill extends TaskCommand {
    @Override
    void run(UserTasks tasks, int task) {
        tasks.exit(task);
    }
}

package org.kmemscope.shell.command;

import org.kmemscope.api.reclaim.UserTasks;
import picocli.CommandLine.Command;

/** {@code munlockall}. */
@Command(
        name = "munlockall",
        description = "Lets the memory of a task be reclaimed again.",
        footerHeading = "%nExample:%n",
        footer = "  munlockall $hog")
final class Munlockall extends TaskCommand {
    @Override
    void run(UserTasks tasks, int task) {
        tasks.lock(task, false);
    }
}

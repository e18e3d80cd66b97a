package org.kmemscope.shell.command;

import org.kmemscope.api.reclaim.UserTasks;
import picocli.CommandLine.Command;

/** {@code mlockall}. */
@Command(
        name = "mlockall",
        description = "Locks the memory of a task into RAM, what it has and what it will have.",
        footerHeading = "%nExample:%n",
        footer = "  mlockall $hog")
final class Mlockall extends TaskCommand {
    @Override
    void run(UserTasks tasks, int task) {
        tasks.lock(task, true);
    }
}

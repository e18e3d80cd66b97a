package org.kmemscope.shell.command;

import org.kmemscope.api.reclaim.UserTasks;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code madvise}. */
@Command(
        name = "madvise",
        description = "Lets a task give back the memory it touched last: MADV_DONTNEED.",
        footerHeading = "%nExample:%n",
        footer = "  madvise $hog 4M")
final class Madvise extends TaskCommand {
    @Parameters(index = "1", paramLabel = "SIZE", description = "Bytes: 4M, 100p (pages).")
    private String size;

    @Override
    void run(UserTasks tasks, int task) {
        tasks.release(task, Arguments.pages(size));
    }
}

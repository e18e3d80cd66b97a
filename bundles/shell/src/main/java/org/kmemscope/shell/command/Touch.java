package org.kmemscope.shell.command;

import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.reclaim.UserTasks;
import org.kmemscope.api.reclaim.UserTasks.Touched;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code touch}. */
@Command(
        name = "touch",
        description = "Lets a task write to new anonymous memory, page by page, or to all the memory it has.",
        footerHeading = "%nExample:%n",
        footer = {"  touch $hog 16M", "  touch $hog"})
final class Touch extends KmemCommand {
    @Parameters(index = "0", paramLabel = "PID", description = "A task.", completionCandidates = Candidates.Pids.class)
    private int pid;

    @Parameters(
            index = "1",
            paramLabel = "SIZE",
            arity = "0..1",
            description = "Bytes of new memory: 16M, 100p (pages). Without it, what the task has is touched once more.")
    private String size;

    @Override
    Object run(Call call) {
        Machine machine = call.machine();
        String comm = Pid.comm(machine, pid);
        Touched touched = call.kernelCall("touch", () -> {
            UserTasks tasks = machine.userTasks();
            return size == null ? tasks.touchAgain(pid) : tasks.touch(pid, Arguments.pages(size));
        });
        switch (touched.outcome()) {
            case DONE -> call.line("%s (%d) touched %d pages", comm, pid, touched.pages());
            case NO_MEMORY -> throw new Failure("mmap: Cannot allocate memory: more than vm.overcommit_memory allows");
            case KILLED ->
                throw new Failure(
                        comm + " (" + pid + ") was killed after " + touched.pages() + " pages: " + touched.message());
            default -> throw new IllegalStateException("no such outcome: " + touched.outcome());
        }
        return NOTHING;
    }
}

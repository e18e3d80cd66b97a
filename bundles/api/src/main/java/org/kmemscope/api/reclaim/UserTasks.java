package org.kmemscope.api.reclaim;

import java.util.List;
import org.kmemscope.api.view.TaskView;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Simulated tasks: a name, and anonymous memory that is mapped when it is touched. A task that a module or the console runs in has
 * none and is not here.
 */
@ProviderType
public interface UserTasks {
    /**
     * Starts a task.
     *
     * @param comm its name, at most 15 characters
     * @param uid its user; 0 is root
     * @return its process id
     */
    int spawn(String comm, int uid);

    /**
     * Touches new anonymous memory, page by page, as a program does that writes to what {@code mmap()} gave it.
     *
     * @param pages how many
     * @return what became of it
     * @throws IllegalArgumentException with one line, if there is no such task
     */
    Touched touch(int pid, long pages);

    /** Touches all the memory that a task has once more; what was swapped out comes back. */
    Touched touchAgain(int pid);

    /** {@code madvise(MADV_DONTNEED)} of the last pages of a task; they are free. */
    void release(int pid, long pages);

    /** {@code mlockall()}, or {@code munlockall()}. */
    void lock(int pid, boolean on);

    /** Writes {@code /proc/PID/oom_score_adj}: -1000 to 1000; before 2.6.36 {@code oom_adj}: -17 to 15. */
    void setOomAdjust(int pid, int value);

    /** The smallest and the largest value of that file. */
    List<Integer> oomAdjustRange();

    /** Ends a task; its memory is free. */
    void exit(int pid);

    /** The tasks, in order of their start. */
    List<TaskView> tasks();

    /**
     * What became of touching memory.
     *
     * @param pages pages touched
     * @param outcome how it ended
     * @param message the kernel's line, for a task that was killed; else empty
     */
    record Touched(long pages, Outcome outcome, String message) {}

    /** How it ended. */
    enum Outcome {
        /** All of it is there. */
        DONE,
        /** {@code mmap()} refused: more than {@code vm.overcommit_memory} allows. */
        NO_MEMORY,
        /** The OOM killer took the task. */
        KILLED
    }
}

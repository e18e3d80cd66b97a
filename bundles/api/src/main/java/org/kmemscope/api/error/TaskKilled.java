package org.kmemscope.api.error;

/** The OOM killer took the task that asked for memory. */
public final class TaskKilled extends KernelException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the kernel's line
     */
    public TaskKilled(String message) {
        super(message);
    }
}

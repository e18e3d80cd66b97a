package org.kmemscope.shell.command;

import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.TaskView;

/** A simulated task, by its process id. */
record Pid(int number) implements Handle {
    @Override
    public String toString() {
        return Integer.toString(number);
    }

    /** Its name, for people; the machine has such a task. */
    static String comm(Machine machine, int pid) {
        return machine.locked(() -> machine.userTasks().tasks()).stream()
                .filter(task -> task.pid() == pid)
                .map(TaskView::comm)
                .findFirst()
                .orElse("?");
    }
}

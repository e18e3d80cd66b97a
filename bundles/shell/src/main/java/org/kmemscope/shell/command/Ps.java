package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.TaskView;
import picocli.CommandLine.Command;

/** {@code ps}. */
@Command(
        name = "ps",
        description =
                "Simulated tasks and their memory in KiB: mapped, anonymous in RAM, of files, in swap, page tables, locked.",
        footerHeading = "%nExample:%n",
        footer = "  ps")
final class Ps extends ViewCommand<List<TaskView>> {
    private static final int KB_PER_PAGE = 4;

    @Override
    List<TaskView> view(Call call) {
        Machine machine = call.machine();
        return machine.locked(() -> machine.userTasks().tasks());
    }

    @Override
    String text(Call call, List<TaskView> view) {
        Table table = new Table("PID", "UID", "VSZ", "ANON", "FILE", "SWAP", "TABLES", "LOCKED", "OOM_ADJ", "COMMAND");
        for (TaskView task : view) {
            table.row(
                    task.pid(),
                    task.uid(),
                    task.totalVm() * KB_PER_PAGE,
                    task.anonRss() * KB_PER_PAGE,
                    task.fileRss() * KB_PER_PAGE,
                    task.swapped() * KB_PER_PAGE,
                    task.pageTables() * KB_PER_PAGE,
                    task.locked() * KB_PER_PAGE,
                    task.oomAdjust(),
                    task.comm());
        }
        return table.toString();
    }
}

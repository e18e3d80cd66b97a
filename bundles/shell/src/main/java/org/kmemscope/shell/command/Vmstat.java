package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.shell.print.VmstatPrinter;
import picocli.CommandLine.Command;

/** {@code vmstat}. */
@Command(
        name = "vmstat",
        description = "Counters of the memory subsystem, as /proc/vmstat.",
        footerHeading = "%nExample:%n",
        footer = "  vmstat | grep pgalloc")
final class Vmstat extends ViewCommand<List<CounterView>> {
    @Override
    List<CounterView> view(Call call) {
        return call.views().vmstat();
    }

    @Override
    String text(Call call, List<CounterView> view) {
        return VmstatPrinter.text(view);
    }
}

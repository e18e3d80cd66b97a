package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.shell.print.MeminfoPrinter;
import picocli.CommandLine.Command;

/** {@code meminfo}. */
@Command(
        name = "meminfo",
        description = "How the memory is used, as /proc/meminfo.",
        footerHeading = "%nExample:%n",
        footer = "  meminfo | grep Free")
final class Meminfo extends ViewCommand<List<CounterView>> {
    @Override
    List<CounterView> view(Call call) {
        return call.views().meminfo();
    }

    @Override
    String text(Call call, List<CounterView> view) {
        return MeminfoPrinter.text(call.views().version(), view);
    }
}

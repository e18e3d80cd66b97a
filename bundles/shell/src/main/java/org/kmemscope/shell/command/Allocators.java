package org.kmemscope.shell.command;

import java.util.List;
import java.util.Map;
import org.kmemscope.api.machine.Machine;
import picocli.CommandLine.Command;

/** {@code allocators}. */
@Command(
        name = "allocators",
        description = "Which implementations of each part there are, and which the current machine uses.",
        footerHeading = "%nExample:%n",
        footer = "  allocators")
final class Allocators extends ViewCommand<Allocators.Overview> {
    /** What there is, and what is used. */
    record Overview(Map<String, List<String>> present, String machine, Map<String, String> used) {}

    @Override
    Overview view(Call call) {
        Machine machine = call.machine();
        return new Overview(call.desk().machines().providers(), machine.name(), machine.parts());
    }

    @Override
    String text(Call call, Overview view) {
        Table present = new Table("PART", "PRESENT");
        view.present().forEach((part, names) -> present.row(part, String.join(", ", names)));
        Table used = new Table("PART", "ON " + view.machine());
        view.used().forEach(used::row);
        return present + "\n" + used;
    }
}

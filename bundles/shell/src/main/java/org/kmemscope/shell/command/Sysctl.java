package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageAllocator.Tunable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sysctl}. */
@Command(
        name = "sysctl",
        description = "Reads and writes the tunables of the memory subsystem, as /proc/sys/vm.",
        footerHeading = "%nExample:%n",
        footer = {"  sysctl -a", "  sysctl vm.min_free_kbytes=8192", "  sysctl vm.drop_caches=3"})
final class Sysctl extends ViewCommand<List<Tunable>> {
    private static final String PREFIX = "vm.";

    @Parameters(
            paramLabel = "NAME[=VALUE]",
            arity = "0..*",
            description = "A tunable to show, or to set.",
            completionCandidates = Candidates.Tunables.class)
    private List<String> words = List.of();

    @Option(
            names = {"-a", "--all"},
            description = "Show all tunables.")
    private boolean all;

    @Override
    List<Tunable> view(Call call) {
        Machine machine = call.machine();
        if (words.isEmpty() && !all) {
            throw new Failure("say which tunable, or -a for all");
        }
        // all names are looked up before the first value is written
        List<String> wanted =
                words.stream().map(word -> name(machine, word.split("=", 2)[0])).toList();
        return call.kernelCall("sysctl", () -> {
            for (int i = 0; i < wanted.size(); i++) {
                String word = words.get(i);
                int equals = word.indexOf('=');
                if (equals >= 0) {
                    Sysctls.set(machine, wanted.get(i), word.substring(equals + 1));
                }
            }
            return Sysctls.all(machine).stream()
                    .filter(tunable -> all || wanted.contains(tunable.name()))
                    .toList();
        });
    }

    /** A tunable's name without {@code vm.}, if there is such a one. */
    private static String name(Machine machine, String word) {
        String name = word.startsWith(PREFIX) ? word.substring(PREFIX.length()) : word;
        List<String> known = Sysctls.all(machine).stream().map(Tunable::name).toList();
        if (!known.contains(name)) {
            throw new Failure("cannot stat /proc/sys/vm/" + name + ": No such file or directory"
                    + Nearest.to(name, known)
                            .map(near -> "; did you mean " + PREFIX + near + "?")
                            .orElse("; there are " + PREFIX + String.join(", " + PREFIX, known)));
        }
        return name;
    }

    @Override
    String text(Call call, List<Tunable> view) {
        StringBuilder text = new StringBuilder();
        view.forEach(tunable -> text.append(PREFIX)
                .append(tunable.name())
                .append(" = ")
                .append(tunable.value())
                .append('\n'));
        return text.toString();
    }
}

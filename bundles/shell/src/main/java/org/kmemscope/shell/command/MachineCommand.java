package org.kmemscope.shell.command;

import java.util.Map;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Sizes;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machines;
import org.kmemscope.api.phys.RamRange;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code machine}. */
@Command(
        name = "machine",
        description = "Tells what the current machine is and what it is made of, or makes another the current one.",
        footerHeading = "%nExample:%n",
        footer = {"  machine", "  machine --fork before-the-test", "  machine i386-1g"})
final class MachineCommand extends ViewCommand<MachineCommand.MachineView> {
    private static final long MB = 1L << 20;

    @Parameters(
            paramLabel = "NAME",
            arity = "0..1",
            description = "A machine that runs.",
            completionCandidates = Candidates.Running.class)
    private String name;

    @Option(
            names = "--fork",
            paramLabel = "COPY",
            description = "Make a copy of the machine with this name, which goes its own way from here.")
    private String fork;

    @Option(names = "--remove", description = "Shut the machine down.")
    private boolean remove;

    /** A machine. */
    record MachineView(
            String name,
            String profile,
            String title,
            String kernel,
            String arch,
            String pageTables,
            int cpus,
            String ram,
            String commandLine,
            long jiffies,
            Map<String, String> parts) {}

    @Override
    Object run(Call call) {
        Machines machines = call.desk().machines();
        if (remove) {
            machines.remove(name == null ? call.machine().name() : name);
            return NOTHING;
        }
        if (name != null) {
            machines.select(name);
        }
        if (fork != null) {
            call.desk().add(call.machine().fork(fork));
            return NOTHING;
        }
        return super.run(call);
    }

    @Override
    MachineView view(Call call) {
        Machine machine = call.machine();
        Profile profile = machine.profile();
        return new MachineView(
                machine.name(),
                profile.name(),
                profile.title(),
                profile.kernel().release(),
                profile.arch().arch().name(),
                profile.arch().tables().label(),
                profile.cpus(),
                ram(machine),
                profile.kernel().options().toString(),
                machine.locked(() -> machine.clock().jiffies()),
                machine.parts());
    }

    @Override
    String text(Call call, MachineView view) {
        StringBuilder text = new StringBuilder();
        field(text, "machine", view.name());
        field(text, "profile", view.profile() + ": " + view.title());
        field(text, "kernel", view.kernel());
        field(text, "command line", view.commandLine());
        field(text, "processor", view.arch() + ", page tables " + view.pageTables() + ", " + view.cpus() + " online");
        field(text, "RAM", view.ram());
        field(text, "jiffies", String.valueOf(view.jiffies()));
        view.parts().forEach((part, implementation) -> field(text, part, implementation));
        return text.toString();
    }

    private static void field(StringBuilder text, String name, String value) {
        text.append(String.format("%-13s %s", name, value).stripTrailing()).append('\n');
    }

    /** Size of RAM in whole MiB: some KiB below 1 MiB are no RAM on a PC. */
    static String ram(Machine machine) {
        long bytes = machine.ram().ranges().stream().mapToLong(RamRange::size).sum();
        return Sizes.format(Math.round((double) bytes / MB) * MB);
    }
}

package org.kmemscope.shell.command;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machines;
import org.kmemscope.api.machine.Machines.ProfileInfo;
import picocli.CommandLine.Command;

/** {@code machines}. */
@Command(
        name = "machines",
        description = "Profiles that can be booted, and the machines that run.",
        footerHeading = "%nExample:%n",
        footer = "  machines")
final class MachinesCommand extends ViewCommand<MachinesCommand.Overview> {
    /** What there is. */
    record Overview(List<ProfileInfo> profiles, List<Running> machines) {}

    /** A machine that runs. */
    record Running(String name, String profile, String kernel, boolean current) {}

    @Override
    Overview view(Call call) {
        Machines machines = call.desk().machines();
        Optional<Machine> current = machines.current();
        List<Running> running = machines.machines().stream()
                .map(machine -> new Running(
                        machine.name(),
                        machine.profile().name(),
                        machine.profile().kernel().release(),
                        current.filter(machine::equals).isPresent()))
                .toList();
        return new Overview(machines.profiles(), running);
    }

    @Override
    String text(Call call, Overview view) {
        Table profiles = new Table("PROFILE", "TITLE");
        view.profiles().forEach(profile -> profiles.row(profile.name(), profile.title()));
        if (view.machines().isEmpty()) {
            return profiles.toString();
        }
        Table running = new Table("MACHINE", "PROFILE", "KERNEL", "CURRENT");
        view.machines()
                .forEach(machine ->
                        running.row(machine.name(), machine.profile(), machine.kernel(), machine.current() ? "*" : ""));
        return profiles + "\n" + running;
    }
}

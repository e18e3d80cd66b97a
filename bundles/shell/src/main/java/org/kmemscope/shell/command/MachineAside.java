package org.kmemscope.shell.command;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machines;
import org.kmemscope.api.view.Views;

/** The machines as a script sees them that was given a single one: it is the current one, and stays it. */
final class MachineAside implements Machines {
    private final Machines all;
    private final Machine machine;

    MachineAside(Machines all, Machine machine) {
        this.all = all;
        this.machine = machine;
    }

    private static IllegalArgumentException refusal() {
        return new IllegalArgumentException(
                "a script that is compared runs on the machine it is given, and on no other");
    }

    @Override
    public List<ProfileInfo> profiles() {
        return all.profiles();
    }

    @Override
    public Machine boot(String specification, String name) {
        throw refusal();
    }

    @Override
    public Machine boot(MachineSeed seed, String name) {
        throw refusal();
    }

    @Override
    public Machine bootAside(Profile profile) {
        return all.bootAside(profile);
    }

    @Override
    public Machine bootAside(MachineSeed seed) {
        return all.bootAside(seed);
    }

    @Override
    public Optional<Views> target() {
        return Optional.of(machine.views());
    }

    @Override
    public void open(Views views, String name) {
        throw refusal();
    }

    @Override
    public Optional<String> opened() {
        return Optional.empty();
    }

    @Override
    public Optional<Machine> current() {
        return Optional.of(machine);
    }

    @Override
    public List<Machine> machines() {
        return List.of(machine);
    }

    @Override
    public Machine select(String name) {
        throw refusal();
    }

    @Override
    public void add(Machine copy) {
        throw refusal();
    }

    @Override
    public void remove(String name) {
        throw refusal();
    }

    @Override
    public Map<String, List<String>> providers() {
        return all.providers();
    }
}

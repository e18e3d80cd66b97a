package org.kmemscope.shell.command;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machines;
import org.kmemscope.api.machine.ModuleLoader;

/** What all commands of a process share: the machines, the modules, and how people want their output. */
public final class Desk {
    /** Session variable: the desk its commands use, where that is not the one of the process. */
    public static final String VARIABLE = "kmem.desk";

    private static final int RECENT = 64;
    private static final Runnable NOTHING_MORE = () -> {};

    private final Machines machines;
    private final ModuleLoader modules;
    private final Services services;
    private final String defaultMachine;
    private final boolean json;
    private final boolean terminal;
    private final LogFollower logs = new LogFollower();
    private final TraceRings traces = new TraceRings();
    private final Deque<String> recent = new ArrayDeque<>();
    private final Runnable afterCommand;

    /**
     * @param services what other bundles offer
     * @param defaultMachine what is booted when a command needs a machine and there is none
     * @param json whether views are printed as JSON
     * @param terminal whether a person sits before it
     */
    public Desk(
            Machines machines,
            ModuleLoader modules,
            Services services,
            String defaultMachine,
            boolean json,
            boolean terminal) {
        this(machines, modules, services, defaultMachine, json, terminal, NOTHING_MORE);
    }

    private Desk(
            Machines machines,
            ModuleLoader modules,
            Services services,
            String defaultMachine,
            boolean json,
            boolean terminal,
            Runnable afterCommand) {
        this.machines = machines;
        this.modules = modules;
        this.services = services;
        this.defaultMachine = defaultMachine;
        this.json = json;
        this.terminal = terminal;
        this.afterCommand = afterCommand;
    }

    /**
     * A desk with a single machine, which is in no list.
     *
     * @param observer is called after each command
     */
    Desk aside(Machine machine, Runnable observer) {
        Desk desk = new Desk(
                new MachineAside(machines, machine), modules, services, defaultMachine, false, false, observer);
        desk.logs.skip(machine);
        return desk;
    }

    /** A command is over. */
    void commandIsOver() {
        afterCommand.run();
    }

    Scenarios scenarios() {
        return services.scenarios();
    }

    Machines machines() {
        return machines;
    }

    ModuleLoader modules() {
        return modules;
    }

    Bundles bundles() {
        return services.bundles();
    }

    /** The service of another bundle, if one offers it. */
    <T> Optional<T> find(Class<T> type) {
        return services.find(type);
    }

    /** The service of another bundle; a failure that says so if none offers it. */
    <T> T service(Class<T> type) {
        return services.find(type)
                .orElseThrow(() -> new Failure(
                        "no started bundle offers " + type.getSimpleName() + " (" + type.getPackageName() + ")"));
    }

    boolean json() {
        return json;
    }

    /** Whether a person sits before it. */
    boolean terminal() {
        return terminal;
    }

    TraceRings traces() {
        return traces;
    }

    /** The current machine; boots the default one if there is none. */
    public Machine machine() {
        Optional<Machine> current = machines.current();
        return current.orElseGet(() -> machines.boot(defaultMachine, ""));
    }

    /** Adds a copy of a machine. What its log says was said by the one it is a copy of. */
    void add(Machine copy) {
        machines.add(copy);
        logs.skip(copy);
    }

    /** Name of what commands act on: what is open, or the current machine. */
    public Optional<String> currentName() {
        return machines.opened().or(() -> machines.current().map(Machine::name));
    }

    /** One line on a machine. */
    public String summary(Machine machine) {
        return Boot.summary(machine);
    }

    /** Remembers an answer, for completion. */
    synchronized void remember(Handle handle) {
        if (recent.size() == RECENT) {
            recent.removeFirst();
        }
        recent.addLast(handle.toString());
    }

    /** What commands have answered lately, as arguments. */
    synchronized List<String> recent() {
        return List.copyOf(recent);
    }

    /**
     * What the machines have logged since the last look.
     *
     * @param level least important level that is of interest
     */
    List<String> news(int level) {
        return machines.machines().stream()
                .flatMap(machine -> logs.news(machine, level).stream())
                .toList();
    }
}

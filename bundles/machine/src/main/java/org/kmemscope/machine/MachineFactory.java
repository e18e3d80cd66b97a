package org.kmemscope.machine;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Exchange;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.machine.ExchangeState;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machines.ProfileInfo;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.kmemscope.machine.layout.Layouts;
import org.kmemscope.machine.profile.Profiles;

/** Boots machines from profile files, without a framework: tests and tools use it as the service does. */
public final class MachineFactory {
    private final Profiles profiles;

    /**
     * @param folder the profile files
     */
    public MachineFactory(Path folder) {
        profiles = new Profiles(folder);
    }

    /** Profiles in the folder, by name. */
    public List<ProfileInfo> profiles() {
        return profiles.list();
    }

    /**
     * Reads a profile and applies what stands behind its name.
     *
     * @throws IllegalArgumentException with one line, if anything is wrong
     */
    public Profile load(String specification) {
        return profiles.load(specification);
    }

    /** The profile of the kernel with a release ({@code uname -r}), if one is there. */
    public Optional<Profile> byRelease(String release) {
        return profiles.byRelease(release);
    }

    /** Boots a machine. */
    public Machine boot(String name, Profile profile, Providers providers) {
        return Boot.boot(name, profile, Layouts.of(profile), providers);
    }

    /** Exchanges the object allocator of a machine, as {@code swap} does. */
    public static ExchangeReport exchange(Machine machine, ObjectAllocatorProvider successor) {
        return of(machine).objects(() -> List.of(successor), true);
    }

    /** Exchanges the engine of free areas of a machine, as {@code swap page} does. */
    public static ExchangeReport exchange(Machine machine, FreeAreaProvider successor) {
        return of(machine).freeAreas(() -> List.of(successor), true);
    }

    /** Takes the object allocator or the engine of free areas away, as it happens when the last bundle that provides one is stopped. */
    public static ExchangeReport park(Machine machine, Exchange.Part part) {
        return part == Exchange.Part.OBJECT
                ? of(machine).objects(List::of, false)
                : of(machine).freeAreas(List::of, false);
    }

    /** What serves the parts of a machine that can be exchanged. */
    public static List<ExchangeState> exchangeState(Machine machine) {
        return List.of(
                of(machine).state(Exchange.Part.OBJECT, List.of()), of(machine).state(Exchange.Part.PAGE, List.of()));
    }

    static Exchanges of(Machine machine) {
        if (machine instanceof SimulatedMachine simulated) {
            return simulated.exchanges;
        }
        throw new IllegalArgumentException("machine " + machine.name() + " cannot exchange its parts");
    }

    /** Boots a machine and puts it into the state of a capture. */
    public Machine boot(String name, MachineSeed seed, Providers providers) {
        return Boot.resume(name, seed, Layouts.of(seed.profile()), providers);
    }
}

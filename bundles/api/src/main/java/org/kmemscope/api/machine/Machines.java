package org.kmemscope.api.machine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.view.Views;
import org.osgi.annotation.versioning.ProviderType;

/** The machines of this process: which profiles there are, booting, and which machine commands act on. */
@ProviderType
public interface Machines {
    /** Profiles that can be booted, by name. */
    List<ProfileInfo> profiles();

    /**
     * Boots a machine and makes it the current one.
     *
     * @param specification {@code PROFILE[,mem=SIZE][,cpus=N][,OPTION=VALUE...]}: a name, or the path of a profile file
     * @param name the name of the machine; empty to name it after the profile
     * @throws IllegalArgumentException with one line, if the specification or the profile is wrong; nothing has changed then
     */
    Machine boot(String specification, String name);

    /**
     * Boots a machine that goes on from where a capture was taken, and makes it the current one.
     *
     * @param seed from a capture
     * @param name the name of the machine; empty to name it after the profile
     */
    Machine boot(MachineSeed seed, String name);

    /**
     * Boots a machine for a tool that compares: it is in no list, nobody observes it, and commands do not act on it.
     *
     * @param profile the machine
     */
    Machine bootAside(Profile profile);

    /** As {@link #bootAside(Profile)}, in the state of a capture. */
    Machine bootAside(MachineSeed seed);

    /** What views are taken of: the current machine, or what was opened last. */
    Optional<Views> target();

    /** Makes something that is no machine the target of views, until a machine is booted or selected. */
    void open(Views views, String name);

    /** Name of what is open instead of a machine; nothing runs in it. */
    Optional<String> opened();

    /** The machine that commands act on. */
    Optional<Machine> current();

    /** Machines, in order of booting. */
    List<Machine> machines();

    /** Makes another machine the current one; the error names those that there are. */
    Machine select(String name);

    /** Adds a machine made elsewhere, such as a fork. */
    void add(Machine machine);

    /** Shuts a machine down and forgets it. */
    void remove(String name);

    /** Providers that are present, by part: {@code object} to {@code slab, slub}. */
    Map<String, List<String>> providers();

    /**
     * A profile.
     *
     * @param name name
     * @param title one line about it
     */
    record ProfileInfo(String name, String title) {}
}

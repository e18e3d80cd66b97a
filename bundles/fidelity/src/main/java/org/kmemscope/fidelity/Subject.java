package org.kmemscope.fidelity;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.ground.BootOptions;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.vmalloc.VmallocState;

/**
 * What is compared: a capture, and machines of its kind. The seed is made once; a machine is booted afresh for each that asks, since a
 * comparison may change it.
 */
public final class Subject {
    private final Capture capture;
    private final Function<Profile, Machine> boot;
    private final Function<MachineSeed, Machine> clone;
    private MachineSeed seed;

    Subject(Capture capture, Function<Profile, Machine> boot, Function<MachineSeed, Machine> clone) {
        this.capture = capture;
        this.boot = boot;
        this.clone = clone;
    }

    /** The capture. */
    public Capture capture() {
        return capture;
    }

    /** What machines of its kind are made of. */
    public MachineSeed seed() {
        if (seed == null) {
            seed = capture.seed();
        }
        return seed;
    }

    /** A machine that has just booted, with nothing of the capture but its profile. */
    public Machine booted() {
        return boot.apply(seed().profile());
    }

    /** A machine that has just booted with a further option on its command line. */
    public Machine booted(String option) {
        return boot.apply(withOption(option));
    }

    private Profile withOption(String option) {
        Profile profile = seed().profile();
        BootOptions options = BootOptions.parse(profile.kernel().options() + " " + option);
        return profile.withKernel(profile.kernel().withOptions(options));
    }

    /** As {@link #booted(String)}, with as many processors that may be online. */
    public Machine booted(String option, int possibleCpus) {
        return boot.apply(withOption(option).withPossibleCpus(possibleCpus));
    }

    /** A machine in the state that the capture tells. */
    public Machine cloned() {
        return clone.apply(seed());
    }

    /** A machine of its kind that goes on from another state of its page allocator, and has no more of the capture than that. */
    public Machine cloned(PageState pages) {
        return cloned(Optional.of(pages), true, VmallocState.EMPTY);
    }

    /** As {@link #cloned()}, from another state of its vmalloc area. */
    public Machine cloned(VmallocState vmalloc) {
        return cloned(seed().pages(), seed().exactLists(), vmalloc);
    }

    private Machine cloned(Optional<PageState> pages, boolean exact, VmallocState vmalloc) {
        return cloned(new MachineSeed(seed().profile(), pages, exact, List.of(), Optional.empty(), vmalloc, List.of()));
    }

    /** A machine of another seed. */
    public Machine cloned(MachineSeed other) {
        return clone.apply(other);
    }

    /** The kernel of a machine, as the experiments call it. */
    public static Kernel kernel(Machine machine) {
        return machine.kernel(Caller.of(1, "insmod", "fidelity"));
    }

    /** The lines of a file of the capture. */
    public Optional<List<String>> lines(String file) {
        return capture.lines(file);
    }
}

package org.kmemscope.shell.command;

import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code boot}. */
@Command(
        name = "boot",
        description = "Boots a machine, and makes it the current one.",
        footerHeading = "%nExample:%n",
        footer = {"  boot linux-6.1-686-pae,mem=2G,cpus=2,vmalloc=256M", "  boot arm-exynos4412 --name board"})
final class Boot extends KmemCommand {
    @Parameters(
            paramLabel = "PROFILE[,mem=SIZE][,cpus=N][,OPTION=VALUE]",
            description =
                    "A name that 'machines' shows or the path of a profile; what follows is for the kernel's command line.",
            completionCandidates = Candidates.Profiles.class)
    private String specification;

    @Option(
            names = {"-n", "--name"},
            paramLabel = "NAME",
            description = "What to call the machine; the name of its profile if nothing is said.")
    private String name = "";

    @Override
    Object run(Call call) {
        call.line(summary(call.desk().machines().boot(specification, name)));
        return NOTHING;
    }

    /** One line on a machine. */
    static String summary(Machine machine) {
        Profile profile = machine.profile();
        return String.format(
                "%s: Linux %s, %s of RAM, %d CPU%s",
                machine.name(),
                profile.kernel().release(),
                MachineCommand.ram(machine),
                profile.cpus(),
                profile.cpus() == 1 ? "" : "s");
    }
}

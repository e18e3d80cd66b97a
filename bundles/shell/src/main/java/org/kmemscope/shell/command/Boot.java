package org.kmemscope.shell.command;

import java.nio.file.Path;
import org.kmemscope.api.capture.Captures;
import org.kmemscope.api.capture.MachineSeed;
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
        footer = {
            "  boot linux-6.1-686-pae,mem=2G,cpus=2,vmalloc=256M",
            "  boot arm-exynos4412 --name board",
            "  boot --from capture.tar.gz"
        })
final class Boot extends KmemCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "PROFILE[,mem=SIZE][,cpus=N][,OPTION=VALUE]",
            description =
                    "A name that 'machines' shows or the path of a profile; what follows is for the kernel's command line.",
            completionCandidates = Candidates.Profiles.class)
    private String specification;

    @Option(
            names = "--from",
            paramLabel = "CAPTURE",
            description = "Boot a model of the machine that a capture was taken on, as it was at that moment.")
    private Path capture;

    @Option(
            names = {"-n", "--name"},
            paramLabel = "NAME",
            description = "What to call the machine; the name of its profile if nothing is said.")
    private String name = "";

    @Override
    Object run(Call call) {
        if ((specification == null) == (capture == null)) {
            throw new Failure("say which profile, or --from CAPTURE");
        }
        if (capture == null) {
            call.line(summary(call.desk().machines().boot(specification, name)));
            return NOTHING;
        }
        MachineSeed seed = call.desk().service(Captures.class).open(capture).seed();
        call.line(summary(call.desk().machines().boot(seed, name)));
        seed.notes().forEach(note -> call.line("  %s", note));
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

package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rmmod}. What the module leaves behind is in the kernel's log. */
@Command(
        name = "rmmod",
        description = "Runs a module's module_exit, unloads it, and reports what it left behind.",
        footerHeading = "%nExample:%n",
        footer = {"  rmmod article", "  rmmod --strict article     # in a test of the driver"})
final class Rmmod extends KmemCommand {
    @Parameters(
            paramLabel = "MODULE",
            description = "Name of a loaded module.",
            completionCandidates = Candidates.LoadedModules.class)
    private String module;

    @Option(names = "--strict", description = "Fail if it left something behind.")
    private boolean strict;

    @Override
    Object run(Call call) {
        int leaks = call.desk().modules().rmmod(module).size();
        if (strict && leaks > 0) {
            throw new Failure(
                    module + " left " + leaks + (leaks == 1 ? " thing" : " things") + " behind; dmesg has the lines");
        }
        return NOTHING;
    }
}

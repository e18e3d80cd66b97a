package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code rmmod}. What the module leaves behind is in the kernel's log. */
@Command(
        name = "rmmod",
        description = "Runs a module's module_exit, unloads it, and reports what it left behind.",
        footerHeading = "%nExample:%n",
        footer = "  rmmod article")
final class Rmmod extends KmemCommand {
    @Parameters(
            paramLabel = "MODULE",
            description = "Name of a loaded module.",
            completionCandidates = Candidates.LoadedModules.class)
    private String module;

    @Override
    Object run(Call call) {
        call.desk().modules().rmmod(module);
        return NOTHING;
    }
}

package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code vfree}. */
@Command(
        name = "vfree",
        description = "Gives memory from vmalloc back.",
        footerHeading = "%nExample:%n",
        footer = "  vfree $v")
final class Vfree extends KmemCommand {
    @Parameters(
            paramLabel = "ADDRESS",
            arity = "1..*",
            description = "What vmalloc answered.",
            completionCandidates = Live.Areas.class)
    private List<String> addresses;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        Arguments arguments = call.arguments();
        addresses.forEach(address -> kernel.vfree(arguments.virtual(address)));
        return NOTHING;
    }
}

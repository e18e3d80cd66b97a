package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code vunmap}. */
@Command(
        name = "vunmap",
        description = "Gives mappings of vmap up; the pages stay.",
        footerHeading = "%nExample:%n",
        footer = "  vunmap $v")
final class Vunmap extends KmemCommand {
    @Parameters(
            paramLabel = "ADDRESS",
            arity = "1..*",
            description = "What vmap answered.",
            completionCandidates = Live.Areas.class)
    private List<String> addresses;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        Arguments arguments = call.arguments();
        addresses.forEach(address -> kernel.vunmap(arguments.virtual(address)));
        return NOTHING;
    }
}

package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code iounmap}. */
@Command(
        name = "iounmap",
        description = "Gives mappings of device registers up.",
        footerHeading = "%nExample:%n",
        footer = "  iounmap $r")
final class Iounmap extends KmemCommand {
    @Parameters(
            paramLabel = "ADDRESS",
            arity = "1..*",
            description = "What ioremap answered.",
            completionCandidates = Live.Registers.class)
    private List<String> addresses;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        Arguments arguments = call.arguments();
        addresses.forEach(address -> kernel.iounmap(arguments.virtual(address)));
        return NOTHING;
    }
}

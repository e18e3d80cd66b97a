package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kvfree}. */
@Command(
        name = "kvfree",
        description = "Gives memory from kvmalloc, kmalloc or vmalloc back.",
        footerHeading = "%nExample:%n",
        footer = "  kvfree $p")
final class Kvfree extends KmemCommand {
    @Parameters(
            paramLabel = "ADDRESS",
            arity = "1..*",
            description = "What kvmalloc answered.",
            completionCandidates = Live.ObjectsAndAreas.class)
    private List<String> addresses;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        Arguments arguments = call.arguments();
        addresses.forEach(address -> kernel.kvfree(arguments.virtual(address)));
        return NOTHING;
    }
}

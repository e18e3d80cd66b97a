package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kfree}. */
@Command(
        name = "kfree",
        description = "Gives objects from kmalloc back.",
        footerHeading = "%nExample:%n",
        footer = "  kfree $p")
final class Kfree extends KmemCommand {
    @Parameters(
            paramLabel = "ADDRESS",
            arity = "1..*",
            description = "What kmalloc answered.",
            completionCandidates = Live.Objects.class)
    private List<String> objects;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        Arguments arguments = call.arguments();
        objects.forEach(object -> kernel.kfree(arguments.virtual(object)));
        return NOTHING;
    }
}

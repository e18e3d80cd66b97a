package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.kernel.Kernel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kunmap}. */
@Command(
        name = "kunmap",
        description = "Gives windows onto pages up.",
        footerHeading = "%nExample:%n",
        footer = "  kunmap $p")
final class Kunmap extends KmemCommand {
    @Parameters(
            paramLabel = "PAGE",
            arity = "1..*",
            description = "The page, not the address of the window.",
            completionCandidates = Live.Mapped.class)
    private List<String> pages;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        Arguments arguments = call.arguments();
        pages.forEach(page -> kernel.kunmap(arguments.page(page)));
        return NOTHING;
    }
}

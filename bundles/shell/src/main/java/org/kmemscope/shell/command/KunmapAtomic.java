package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kunmap_atomic}. */
@Command(
        name = "kunmap_atomic",
        description = "Gives a window of this CPU up.",
        footerHeading = "%nExample:%n",
        footer = "  kunmap_atomic $w")
final class KunmapAtomic extends KmemCommand {
    @Parameters(
            paramLabel = "ADDRESS",
            description = "What kmap_atomic answered.",
            completionCandidates = Live.Windows.class)
    private String window;

    @Override
    Object run(Call call) {
        call.kernel().kunmapAtomic(call.arguments().virtual(window));
        return NOTHING;
    }
}

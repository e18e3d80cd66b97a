package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kunmap_local}. */
@Command(
        name = "kunmap_local",
        description = "Gives a window of the current task up.",
        footerHeading = "%nExample:%n",
        footer = "  kunmap_local $w")
final class KunmapLocal extends KmemCommand {
    @Parameters(
            paramLabel = "ADDRESS",
            description = "What kmap_local_page answered.",
            completionCandidates = Live.Windows.class)
    private String window;

    @Override
    Object run(Call call) {
        call.kernel().kunmapLocal(call.arguments().virtual(window));
        return NOTHING;
    }
}

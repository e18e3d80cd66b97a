package org.kmemscope.shell.command;

import java.nio.file.Path;
import java.util.List;
import org.kmemscope.api.capture.Captures;
import org.kmemscope.api.capture.FailureLog;
import org.kmemscope.api.view.AllocFailure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code oomlog}. */
@Command(
        name = "oomlog",
        description =
                "Reads a kernel log with an out-of-memory or page-allocation-failure report, says why the request failed and what would have helped, and opens the report as a target.",
        footerHeading = "%nExample:%n",
        footer = {"  oomlog dmesg.txt; buddyinfo"})
final class Oomlog extends ViewCommand<Oomlog.Answer> {
    @Parameters(paramLabel = "FILE", description = "A kernel log.")
    private Path file;

    /** What the report says. */
    record Answer(
            String kind,
            int line,
            String task,
            long gfpNumber,
            String gfp,
            int order,
            AllocFailure failure,
            List<String> reasons,
            List<String> remedies) {}

    @Override
    Answer view(Call call) {
        FailureLog log = call.desk().service(Captures.class).openLog(file);
        call.desk().machines().open(log.target(), file.getFileName().toString());
        return new Answer(
                log.kind(),
                log.line(),
                log.task(),
                log.gfpNumber(),
                log.gfp(),
                log.order(),
                log.failure(),
                log.reasons(),
                log.remedies());
    }

    @Override
    String text(Call call, Answer view) {
        StringBuilder text = new StringBuilder(String.format(
                "%s at line %d: %s asked for order %d with 0x%x (%s)%n",
                view.kind(), view.line(), view.task(), view.order(), view.gfpNumber(), view.gfp()));
        section(text, "why", view.reasons());
        section(text, "what would have let it succeed", view.remedies());
        return text.toString();
    }

    private static void section(StringBuilder text, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            text.append(title).append('\n');
            lines.forEach(line -> text.append("  ").append(line).append('\n'));
        }
    }
}

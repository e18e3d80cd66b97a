package org.kmemscope.shell.command;

import java.nio.file.Path;
import java.util.List;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.capture.Captures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code open}. */
@Command(
        name = "open",
        description =
                "Opens a capture of a real kernel: zoneinfo, buddyinfo, slabinfo and their like answer from it until a machine is booted or chosen.",
        footerHeading = "%nExample:%n",
        footer = {"  open capture.tar.gz; zoneinfo", "  open /mnt/target-proc; buddyinfo"})
final class OpenCommand extends KmemCommand {
    @Parameters(paramLabel = "PATH", description = "A directory, a tar or zip of one, or a copy of files of /proc.")
    private Path path;

    @Option(
            names = {"-l", "--list"},
            description = "List the files of the capture.")
    private boolean list;

    @Override
    Object run(Call call) {
        Capture capture = call.desk().service(Captures.class).open(path);
        call.desk().machines().open(capture.views(), capture.name());
        List<String> files = capture.files();
        call.line("%s: %d file%s", capture.name(), files.size(), files.size() == 1 ? "" : "s");
        if (list) {
            files.forEach(file -> call.line("  %s", file));
        }
        capture.missing()
                .forEach(missing -> call.line("  no %s, so no answer to: %s", missing.file(), missing.question()));
        return NOTHING;
    }
}

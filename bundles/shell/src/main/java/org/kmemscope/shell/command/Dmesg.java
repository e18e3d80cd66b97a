package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.shell.print.LogPrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code dmesg}. */
@Command(
        name = "dmesg",
        description = "The kernel's log.",
        footerHeading = "%nExample:%n",
        footer = "  dmesg -n 4 | tail -n 20")
final class Dmesg extends ViewCommand<List<KernelLog.Line>> {
    @Option(
            names = {"-c", "--read-clear"},
            description = "Forget the lines after printing them.")
    private boolean clear;

    @Option(
            names = {"-n", "--level"},
            paramLabel = "LEVEL",
            description =
                    "Only lines as important as this or more: 3 errors, 4 warnings, 6 all that is normal, 7 everything.")
    private int level = KernelLog.DEBUG;

    @Override
    List<KernelLog.Line> view(Call call) {
        List<KernelLog.Line> lines = call.views().dmesg().stream()
                .filter(line -> line.level() <= level)
                .toList();
        if (clear) {
            call.machine().locked(() -> {
                call.machine().log().clear();
                return null;
            });
        }
        return lines;
    }

    @Override
    String text(Call call, List<KernelLog.Line> view) {
        return LogPrinter.text(view);
    }
}

package org.kmemscope.capture.report;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.capture.file.Dmesg;
import org.kmemscope.capture.file.TextFile;

/**
 * The lines of a kernel log without their prefixes. Kernels of 4.9 and later break a line that is printed piece by piece where the printer
 * forgot to say that it goes on; pieces of numbers and of free lists are put together again.
 */
final class LogText {
    private static final Pattern PIECE =
            Pattern.compile("\\s*(?:\\d+|\\d+[*_]\\d+kB.*|\\([UMEHRCI]+\\).*|= \\d+kB)\\s*");
    private static final Pattern GOES_ON = Pattern.compile(
            ".*(?:lowmem_reserve\\[\\]:[ \\d]*|:(?: \\d+[*_]\\d+kB(?: \\([UMEHRCI]+\\))?)+\\s*|\\w+:)\\s*");

    private final TextFile file;
    private final List<KernelLog.Line> log;
    private final List<Line> lines = new ArrayList<>();

    /**
     * A line.
     *
     * @param number its number in the file, from 1
     * @param text the text
     */
    record Line(int number, String text) {}

    LogText(TextFile file) {
        this.file = file;
        log = Dmesg.read(file);
        for (int i = 0; i < log.size(); i++) {
            String text = log.get(i).text();
            Line last = lines.isEmpty() ? null : lines.get(lines.size() - 1);
            boolean piece = PIECE.matcher(text).matches();
            if (piece && last != null && GOES_ON.matcher(last.text).matches()) {
                lines.set(lines.size() - 1, new Line(last.number, last.text.stripTrailing() + " " + text.strip()));
            } else {
                lines.add(new Line(i + 1, text));
            }
        }
    }

    TextFile file() {
        return file;
    }

    List<KernelLog.Line> log() {
        return log;
    }

    List<Line> lines() {
        return lines;
    }
}

package org.kmemscope.fidelity.file;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lines of a kernel log. */
public final class LogLine {
    private static final Pattern PREFIX = Pattern.compile("(?:<\\d+>)?\\s?(?:\\[\\s*\\d+\\.\\d+\\] ?)?(.*)");

    private LogLine() {}

    /** The text of a line, without its level and time. */
    public static String text(String line) {
        Matcher match = PREFIX.matcher(line);
        return match.matches() ? match.group(1) : line;
    }
}

package org.kmemscope.capture.file;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.ground.KernelLog;

/**
 * A kernel log, as the kernel keeps it, {@code dmesg} prints it or a log daemon writes it down. The forms of a line:
 *
 * <pre>
 *   &lt;6&gt;[    0.000000] text           level, seconds since boot; either may be missing
 *   [    1.234567][    T1] text       with the caller (CONFIG_PRINTK_CALLER)
 *   kern  :info  : [    0.1] text     dmesg -x
 *   Nov 24 02:00:01 host kernel: [    1.234567] text
 *   2026-11-24T02:00:01.123456+00:00 host kernel: text
 *   [Tue Nov 24 02:00:01 2026] text   dmesg -T
 *   [  +0.002367] text                dmesg -e
 * </pre>
 */
public final class Dmesg {
    private static final Pattern DAEMON =
            Pattern.compile("(?:[A-Z][a-z]{2}\\s+\\d+ [\\d:]+|\\d{4}-\\d\\d-\\d\\dT\\S+) \\S+ kernel: ?(.*)");
    private static final Pattern DECODED = Pattern.compile("\\w+\\s*:(\\w+)\\s*: (.*)");
    private static final Pattern LEVEL = Pattern.compile("<(\\d+)>(.*)");
    private static final Pattern TIME = Pattern.compile("\\[\\s*(\\d{1,9})\\.(\\d{6})\\](?:\\[\\s*[TC]\\d+\\])? ?(.*)");
    /** Times of day and differences, which are not kept. */
    private static final Pattern OTHER_TIME = Pattern.compile(
            "\\[(?:[A-Z][a-z]{2} [A-Z][a-z]{2} [ \\d]\\d [\\d:]{8}(?: \\d{4})?|\\s*\\+\\d+\\.\\d+)\\] ?(.*)");

    private static final Pattern HOST = Pattern.compile("[\\w.-]+ kernel: ?(.*)");
    private static final List<String> LEVELS =
            List.of("emerg", "alert", "crit", "err", "warn", "notice", "info", "debug");
    /** The low bits of a number in angle brackets; the others are the facility. */
    private static final int LEVEL_MASK = 7;

    private static final long MICROS = 1_000_000;

    private Dmesg() {}

    /** The lines of a log. A line without a level has that of normal messages, one without a time 0. */
    public static List<KernelLog.Line> read(TextFile file) {
        List<KernelLog.Line> lines = new ArrayList<>();
        for (int i = 0; i < file.lines().size(); i++) {
            lines.add(line(file, i));
        }
        return List.copyOf(lines);
    }

    private static KernelLog.Line line(TextFile file, int i) {
        String text = file.lines().get(i);
        int level = KernelLog.INFO;
        long micros = 0;
        Matcher daemon = DAEMON.matcher(text);
        if (daemon.matches()) {
            text = daemon.group(1);
        }
        Matcher decoded = DECODED.matcher(text);
        if (decoded.matches() && LEVELS.contains(decoded.group(1))) {
            level = LEVELS.indexOf(decoded.group(1));
            text = decoded.group(2);
        }
        Matcher numbered = LEVEL.matcher(text);
        if (numbered.matches()) {
            level = (int) (file.decimal(i, numbered.group(1)) & LEVEL_MASK);
            text = numbered.group(2);
        }
        Matcher time = TIME.matcher(text);
        if (time.matches()) {
            micros = file.decimal(i, time.group(1)) * MICROS + file.decimal(i, time.group(2));
            text = time.group(3);
        }
        Matcher other = OTHER_TIME.matcher(text);
        if (other.matches()) {
            text = other.group(1);
        }
        Matcher host = HOST.matcher(text);
        if (host.matches()) {
            text = host.group(1);
        }
        return new KernelLog.Line(micros, level, text);
    }
}

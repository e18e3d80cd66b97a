package org.kmemscope.shell.print;

import java.util.List;
import java.util.Locale;
import org.kmemscope.api.ground.KernelLog;

/** The kernel's log as {@code dmesg} prints it, and a serial console. */
public final class LogPrinter {
    private static final long MICROS = 1_000_000;

    private LogPrinter() {}

    /** Lines with time stamps. */
    public static String text(List<KernelLog.Line> lines) {
        StringBuilder out = new StringBuilder();
        lines.forEach(line -> out.append(line(line)).append('\n'));
        return out.toString();
    }

    /** One line with its time stamp. */
    public static String line(KernelLog.Line line) {
        return String.format(Locale.ROOT, "[%5d.%06d] %s", line.micros() / MICROS, line.micros() % MICROS, line.text());
    }
}

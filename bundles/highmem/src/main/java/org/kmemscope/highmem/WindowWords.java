package org.kmemscope.highmem;

import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelLog;

/** What the windows write into the kernel's log. */
final class WindowWords {
    private final Ground ground;
    private final HighmemRules rules;

    WindowWords(Ground ground, HighmemRules rules) {
        this.ground = ground;
        this.rules = rules;
    }

    /** {@code WARN_ON()}. */
    void warning(String file, String function) {
        ExecutionContext context = ground.context();
        ground.log()
                .printk(
                        KernelLog.WARNING,
                        rules.modern()
                                ? String.format(
                                        "WARNING: CPU: %d PID: %d at %s %s",
                                        context.cpu(), context.pid(), file, function)
                                : String.format("WARNING: at %s %s()", file, function));
    }

    /** What the kernel does not notice. */
    void unnoticed(String format, Object... arguments) {
        ground.log().printk(KernelLog.WARNING, "kmemscope: WARNING: " + String.format(format, arguments));
    }
}

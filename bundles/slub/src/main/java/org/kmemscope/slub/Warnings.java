package org.kmemscope.slub;

import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelLog;

/**
 * {@code WARN()} with words. i386 writes the words before it traps, and the trap tells the place; ARM has no such trap and tells the place
 * first. Seen so in 6.1. Kernels whose place of the warning is not known write the words alone.
 */
final class Warnings {
    private Warnings() {}

    /**
     * Writes a warning.
     *
     * @param level of the words
     * @param place file and function
     */
    static void log(Basis basis, int level, String words, String place) {
        KernelLog log = basis.floor().log();
        ExecutionContext context = basis.floor().context();
        boolean told = basis.rules().words().warnsOfObjects();
        boolean afterwards = told && basis.floor().profile().arch().arch() == ArchSpec.Arch.ARM;
        if (!afterwards) {
            log.printk(level, words);
        }
        if (told) {
            log.printk(
                    KernelLog.WARNING,
                    String.format("WARNING: CPU: %d PID: %d at %s", context.cpu(), context.pid(), place));
        }
        if (afterwards) {
            log.printk(level, words);
        }
    }
}

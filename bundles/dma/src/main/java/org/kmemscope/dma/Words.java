package org.kmemscope.dma;

import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelLog;

/** How kernels name a device in a line of the log. */
final class Words {
    private Words() {}

    /** {@code WARN()} of 6.1: the place alone. */
    static void warning(Ground ground, String file, String function) {
        ExecutionContext context = ground.context();
        ground.log()
                .printk(
                        KernelLog.WARNING,
                        String.format(
                                "WARNING: CPU: %d PID: %d at %s %s", context.cpu(), context.pid(), file, function));
    }

    /** With words: i386 writes them before it traps, ARM has no such trap and tells the place first. */
    static void warning(Ground ground, String words, String file, String function) {
        boolean afterwards = ground.profile().arch().arch() == ArchSpec.Arch.ARM;
        if (!afterwards) {
            ground.log().printk(KernelLog.WARNING, words);
        }
        warning(ground, file, function);
        if (afterwards) {
            ground.log().printk(KernelLog.WARNING, words);
        }
    }

    /** {@code dev_driver_string()} and {@code dev_name()}: a device without a driver has the name of its bus there. */
    static String name(DmaDevice device) {
        return device.equals(DmaDevice.NULL) ? "NULL NULL" : "platform " + device.name();
    }
}

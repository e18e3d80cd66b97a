package org.kmemscope.api.ground;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** The kernel's log ({@code dmesg}). */
@ProviderType
public interface KernelLog {
    /** Level of a condition that stops the kernel. */
    int EMERG = 0;

    /** Level of an error. */
    int ERR = 3;

    /** Level of a warning. */
    int WARNING = 4;

    /** Level of normal messages. */
    int INFO = 6;

    /** Level of messages for developers. */
    int DEBUG = 7;

    /**
     * {@code printk()}: adds a line; text with line breaks becomes several.
     *
     * @param level 0 to 7
     * @param text without a newline at the end
     */
    void printk(int level, String text);

    /** The lines kept, oldest first. */
    List<Line> lines();

    /** How many lines were ever written: who follows the log remembers how many it has seen. */
    long written();

    /** Forgets all lines, as {@code dmesg -c} does. */
    void clear();

    /**
     * One line.
     *
     * @param micros time since boot, in microseconds of the machine's clock
     * @param level 0 to 7
     * @param text the text
     */
    record Line(long micros, int level, String text) {}
}

package org.kmemscope.api.ground;

import org.osgi.annotation.versioning.ProviderType;

/** Interrupt lines of a machine: devices raise them, handlers run in hard interrupt context on the current CPU. */
@ProviderType
public interface Interrupts {
    /** Asserts a line. The handlers run at once, or when the CPU takes interrupts again. */
    void raise(int irq);

    /** How often each line was asserted, as {@code /proc/interrupts} shows; index is the line. */
    long[] counts();
}

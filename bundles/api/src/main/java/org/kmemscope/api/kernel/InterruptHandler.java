package org.kmemscope.api.kernel;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * An interrupt handler. It runs in hard interrupt context: what may sleep is refused. It is given the kernel of the machine the
 * interrupt is on, which after a copy of a machine need not be the one the line was requested from.
 */
@ConsumerType
public interface InterruptHandler {
    /**
     * The line was asserted.
     *
     * @param kernel the kernel of this machine
     * @param irq number of the line
     * @return whether the device of this handler wanted it ({@code IRQ_HANDLED})
     */
    boolean handle(Kernel kernel, int irq);
}

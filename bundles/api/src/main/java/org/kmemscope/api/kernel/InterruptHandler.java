package org.kmemscope.api.kernel;

import org.osgi.annotation.versioning.ConsumerType;

/** An interrupt handler. It runs in hard interrupt context: what may sleep is refused. */
@ConsumerType
public interface InterruptHandler {
    /**
     * The line was asserted.
     *
     * @param irq number of the line
     * @return whether the device of this handler wanted it ({@code IRQ_HANDLED})
     */
    boolean handle(int irq);
}

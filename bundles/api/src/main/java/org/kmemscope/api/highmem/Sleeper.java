package org.kmemscope.api.highmem;

import org.kmemscope.api.error.KernelHang;
import org.osgi.annotation.versioning.ProviderType;

/** Lets the current task wait for a condition; the machine's lock is open meanwhile. */
@ProviderType
public interface Sleeper {
    /**
     * Waits until somebody wakes the queue. The caller looks at its condition again afterwards.
     *
     * @param queue name of the wait queue
     * @param why what the task waits for, for the report of a hang
     * @throws KernelHang if no task is left that could wake it
     */
    void sleepOn(String queue, String why);

    /** Wakes every task that waits on a queue. */
    void wakeUp(String queue);
}

package org.kmemscope.api.reclaim;

import java.util.Optional;
import org.kmemscope.api.slab.ObjectAllocator;
import org.osgi.annotation.versioning.ProviderType;

/** What reclaim needs of a machine beside the floors it stands on: tasks and time. */
@ProviderType
public interface ReclaimHost {
    /** A process id that no task has had. */
    int newPid();

    /**
     * Runs something as another task, in process context; the current task goes on afterwards.
     *
     * @param pid process id of that task
     * @param comm its name
     * @param site the place of its call, as {@link org.kmemscope.api.ground.ExecutionContext#callSite} has it
     * @param body what it does
     */
    void runAs(int pid, String comm, String site, Runnable body);

    /** {@code schedule_timeout()}: the current task sleeps; time passes, and with it what devices and other threads do. */
    void sleep(long ticks);

    /** Whether the current task is a thread of the kernel, which no OOM killer takes. */
    boolean isKernelThread();

    /** The object allocator, if the machine has one at this moment. */
    Optional<ObjectAllocator> objects();
}

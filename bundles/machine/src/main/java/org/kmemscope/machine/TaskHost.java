package org.kmemscope.machine;

import java.util.Optional;
import org.kmemscope.api.reclaim.ReclaimHost;
import org.kmemscope.api.slab.ObjectAllocator;

/** Tasks and time of a machine, for its reclaim. */
final class TaskHost implements ReclaimHost {
    private final SimulatedMachine machine;

    TaskHost(SimulatedMachine machine) {
        this.machine = machine;
    }

    @Override
    public int newPid() {
        return machine.tasks.newPid();
    }

    @Override
    public void runAs(int pid, String comm, String site, Runnable body) {
        MachineContext.Saved before = machine.context.switchToTask(
                pid, comm, machine.trace().callSites().id(site));
        try {
            body.run();
        } finally {
            machine.context.resume(before);
        }
    }

    @Override
    public void sleep(long ticks) {
        machine.passTime(ticks);
    }

    @Override
    public boolean isKernelThread() {
        return machine.tasks.isThread(machine.context.pid());
    }

    @Override
    public Optional<ObjectAllocator> objects() {
        return machine.has(SimulatedMachine.PartKind.OBJECTS) ? Optional.of(machine.objects()) : Optional.empty();
    }
}

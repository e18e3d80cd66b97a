package org.kmemscope.process;

import org.kmemscope.api.process.ProcessProvider;
import org.kmemscope.api.process.Processes;
import org.kmemscope.api.reclaim.Reclaim;
import org.kmemscope.api.reclaim.ReclaimHost;
import org.kmemscope.api.slab.ObjectFloor;
import org.osgi.service.component.annotations.Component;

/** Makes the processes of machines. */
@Component
public final class KernelProcessProvider implements ProcessProvider {
    @Override
    public Processes create(ObjectFloor floor, Reclaim reclaim, ReclaimHost host) {
        return new KernelProcesses(new Basis(floor, reclaim, host));
    }
}

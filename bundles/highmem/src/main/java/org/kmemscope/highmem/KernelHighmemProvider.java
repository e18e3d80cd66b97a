package org.kmemscope.highmem;

import org.kmemscope.api.highmem.Highmem;
import org.kmemscope.api.highmem.HighmemProvider;
import org.kmemscope.api.highmem.Sleeper;
import org.kmemscope.api.slab.ObjectFloor;
import org.osgi.service.component.annotations.Component;

/** Makes windows onto high memory that follow the rules of the machine's kernel. */
@Component
public final class KernelHighmemProvider implements HighmemProvider {
    @Override
    public Highmem create(ObjectFloor floor, Sleeper sleeper) {
        return new KernelHighmem(floor, sleeper, HighmemRules.of(floor));
    }
}

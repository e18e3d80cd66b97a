package org.kmemscope.vmalloc;

import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.vmalloc.Vmalloc;
import org.kmemscope.api.vmalloc.VmallocProvider;
import org.osgi.service.component.annotations.Component;

/** Makes vmalloc areas that follow the rules of the machine's kernel. */
@Component
public final class KernelVmallocProvider implements VmallocProvider {
    @Override
    public Vmalloc create(ObjectFloor floor) {
        return new KernelVmalloc(floor, VmallocRules.of(floor));
    }
}

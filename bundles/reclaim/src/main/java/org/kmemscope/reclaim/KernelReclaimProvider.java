package org.kmemscope.reclaim;

import org.kmemscope.api.reclaim.Reclaim;
import org.kmemscope.api.reclaim.ReclaimHost;
import org.kmemscope.api.reclaim.ReclaimProvider;
import org.kmemscope.api.slab.ObjectFloor;
import org.osgi.service.component.annotations.Component;

/** Makes the reclaim of machines. */
@Component
public final class KernelReclaimProvider implements ReclaimProvider {
    @Override
    public Reclaim create(ObjectFloor floor, ReclaimHost host) {
        return new KernelReclaim(floor, host);
    }
}

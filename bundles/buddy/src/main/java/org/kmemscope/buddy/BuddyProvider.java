package org.kmemscope.buddy;

import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelSpec;
import org.kmemscope.api.zone.FreeAreaHost;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.kmemscope.api.zone.FreeAreas;
import org.osgi.service.component.annotations.Component;

/** Makes buddy allocators. */
@Component
public final class BuddyProvider implements FreeAreaProvider {
    static final String NAME = "buddy";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public FreeAreas create(Ground ground, FreeAreaHost host, int maxOrder) {
        KernelSpec kernel = ground.profile().kernel();
        return new BuddyFreeAreas(
                ground.frames(),
                ground.trace(),
                host,
                BuddyRules.of(kernel.version(), ground.gfp().migrateTypes()),
                maxOrder);
    }
}

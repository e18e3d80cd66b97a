package org.kmemscope.api.zone;

import org.kmemscope.api.ground.Ground;
import org.osgi.annotation.versioning.ProviderType;

/** Makes engines of free areas. Stateless. */
@ProviderType
public interface FreeAreaProvider {
    /** The name by which {@code swap page NAME} finds it. */
    String name();

    /**
     * An engine without a free block.
     *
     * @param maxOrder number of orders
     */
    FreeAreas create(Ground ground, FreeAreaHost host, int maxOrder);
}

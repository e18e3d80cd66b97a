package org.kmemscope.api.dcache;

import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.mmu.Mmu;
import org.osgi.annotation.versioning.ProviderType;

/** Makes the data cache of a machine. Asked only for machines whose devices do not see the caches. Stateless. */
@ProviderType
public interface DataCacheProvider {
    /**
     * An empty cache.
     *
     * @param ground the machine, which has no MMU yet
     * @param mmu translates addresses
     */
    DataCache create(Ground ground, Mmu mmu);
}

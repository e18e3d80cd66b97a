package org.kmemscope.api.gfp;

import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.osgi.annotation.versioning.ProviderType;

/** Knows the GFP tables of every era, from 2.6.24 on. Stateless. */
@ProviderType
public interface GfpProvider {
    /**
     * The table of a kernel. The configuration matters: it says which zones and migrate types there are, and a flag of an option
     * that is off has the value 0.
     *
     * @throws IllegalArgumentException if the kernel is older than the oldest one known
     */
    GfpTable table(KernelVersion version, KernelConfig config);
}

package org.kmemscope.api.gfp;

import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.osgi.annotation.versioning.ProviderType;

/** Knows the GFP tables of every era. Stateless. */
@ProviderType
public interface GfpProvider {
    /** The table of a kernel. The configuration matters: a flag of an option that is off has the value 0, and later bits shift. */
    GfpTable table(KernelVersion version, KernelConfig config);
}

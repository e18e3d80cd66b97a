package org.kmemscope.api.mmu;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.phys.PhysicalMemory;
import org.osgi.annotation.versioning.ProviderType;

/** Makes the MMU of a machine. Stateless. */
@ProviderType
public interface MmuProvider {
    /**
     * An MMU in the profile's table format with an empty kernel table, taken from {@code source} and zeroed in {@code ram}: who
     * restores a saved machine makes the MMU before it restores RAM.
     */
    Mmu create(Profile profile, AddressLayout layout, PhysicalMemory ram, ExecutionContext context, TableSource source);
}

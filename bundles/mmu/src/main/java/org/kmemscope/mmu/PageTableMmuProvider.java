package org.kmemscope.mmu;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.mmu.MmuProvider;
import org.kmemscope.api.mmu.TableSource;
import org.kmemscope.api.phys.PhysicalMemory;
import org.osgi.service.component.annotations.Component;

/** Makes MMUs whose page tables are bytes in RAM. */
@Component
public final class PageTableMmuProvider implements MmuProvider {
    @Override
    public Mmu create(
            Profile profile, AddressLayout layout, PhysicalMemory ram, ExecutionContext context, TableSource source) {
        return new PageTableMmu(profile, Rules.of(profile, layout, ram, context), ram, context, source);
    }
}

package org.kmemscope.dcache;

import org.kmemscope.api.dcache.DataCache;
import org.kmemscope.api.dcache.DataCacheProvider;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.mmu.Mmu;
import org.osgi.service.component.annotations.Component;

/**
 * Makes data caches: four ways, lines as the profile says. 16 KiB for ARM926 (what the Versatile's core has), 32 KiB for ARMv7 (Cortex-A9,
 * A15). Only cores of ARMv7 fetch lines that no program asked for; since Linux knows of that (2.6.34) it invalidates after a transfer
 * as well as before.
 */
@Component
public final class LineCacheProvider implements DataCacheProvider {
    private static final int WAYS = 4;
    private static final int SMALL = 16 << 10;
    private static final int LARGE = 32 << 10;
    private static final int LONGEST_LINE = 64;

    @Override
    public DataCache create(Ground ground, Mmu mmu) {
        ArchSpec arch = ground.profile().arch();
        boolean old = ground.profile().kernel().config().is("CPU_ARM926T");
        int line = Math.min(arch.cacheLine(), LONGEST_LINE);
        int sets = (old ? SMALL : LARGE) / WAYS / line;
        return new LineCache(ground, mmu, new DataCache.Geometry(sets, WAYS, line, !old));
    }
}

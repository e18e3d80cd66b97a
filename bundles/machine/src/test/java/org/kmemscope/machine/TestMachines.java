package org.kmemscope.machine;

import java.nio.file.Path;
import java.util.Optional;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.zone.ZoneProvider;

/** Machines up to the page allocator, made with plain {@code new}. */
final class TestMachines {
    static final MachineFactory FACTORY = new MachineFactory(Path.of("../../config/profiles"));

    private TestMachines() {}

    static Machine boot(String specification) {
        return boot(FACTORY.load(specification));
    }

    static Machine boot(Profile profile) {
        return FACTORY.boot("test", profile, providers());
    }

    static Providers providers() {
        return new Providers(
                new SparseMemoryProvider(),
                new PageTableMmuProvider(),
                new EraGfpProvider(),
                new BuddyProvider(),
                new ZoneProvider(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}

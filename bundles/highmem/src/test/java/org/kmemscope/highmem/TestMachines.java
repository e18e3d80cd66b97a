package org.kmemscope.highmem;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.zone.ZoneProvider;

/** Machines with windows onto high memory, made with plain {@code new}. */
final class TestMachines {
    private static final MachineFactory FACTORY = new MachineFactory(Path.of("../../config/profiles"));

    private TestMachines() {}

    static Profile profile(String specification) {
        return FACTORY.load(specification);
    }

    static Machine boot(String specification) {
        return boot(profile(specification));
    }

    static Machine boot(Profile profile) {
        Providers providers = new Providers(
                new SparseMemoryProvider(),
                new PageTableMmuProvider(),
                new EraGfpProvider(),
                new BuddyProvider(),
                new ZoneProvider(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(new KernelHighmemProvider()),
                Optional.empty());
        return FACTORY.boot("test", profile, providers);
    }

    /** Pages of high memory that carry their number as contents. */
    static int[] highPages(Machine machine, int count) {
        int mask = machine.gfp().parse("GFP_HIGHUSER");
        int[] pfns = new int[count];
        for (int i = 0; i < count; i++) {
            pfns[i] = machine.pages().allocPages(mask, 0);
            machine.ram().write32((long) pfns[i] * Profile.PAGE_SIZE, i);
        }
        return pfns;
    }

    static int lowPage(Machine machine) {
        return machine.pages().allocPages(machine.gfp().parse("GFP_KERNEL"), 0);
    }

    /** Text of the log lines written since a mark. */
    static List<String> logSince(Machine machine, long mark) {
        List<KernelLog.Line> lines = machine.log().lines();
        int fresh = (int) (machine.log().written() - mark);
        return lines.subList(lines.size() - fresh, lines.size()).stream()
                .map(KernelLog.Line::text)
                .toList();
    }
}

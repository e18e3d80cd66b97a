package org.kmemscope.vmalloc;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.machine.exchange.ExchangeableObjects;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.zone.ZoneProvider;

/** Machines up to the vmalloc area, made with plain {@code new}. */
final class TestMachines {
    private static final MachineFactory FACTORY = new MachineFactory(Path.of("../../config/profiles"));

    private TestMachines() {}

    static Machine boot(String specification) {
        Providers providers = new Providers(
                new SparseMemoryProvider(),
                new PageTableMmuProvider(),
                new EraGfpProvider(),
                new BuddyProvider(),
                new ZoneProvider(),
                Optional.of(FakeObjects.provider()),
                Optional.of(new KernelVmallocProvider()),
                Optional.empty(),
                Optional.empty());
        return FACTORY.boot("test", FACTORY.load(specification), providers);
    }

    static FakeObjects objects(Machine machine) {
        return (FakeObjects) ((ExchangeableObjects) machine.objects()).bound();
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

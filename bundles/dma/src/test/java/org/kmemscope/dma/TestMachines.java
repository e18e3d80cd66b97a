package org.kmemscope.dma;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.vmalloc.VmallocState;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.dcache.LineCacheProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.slab.SlabProvider;
import org.kmemscope.vmalloc.KernelVmallocProvider;
import org.kmemscope.zone.ZoneProvider;

/** Machines with DMA, made with plain {@code new}. */
final class TestMachines {
    private static final MachineFactory FACTORY = new MachineFactory(Path.of("../../config/profiles"));

    private TestMachines() {}

    static List<String> profiles() {
        return FACTORY.profiles().stream().map(profile -> profile.name()).toList();
    }

    static Machine boot(String specification) {
        return FACTORY.boot("test", FACTORY.load(specification), providers());
    }

    /** A machine with the data cache that it really has. */
    static Machine cached(String specification) {
        return FACTORY.boot("test", FACTORY.load(specification), providers().withCache(new LineCacheProvider()));
    }

    /** A machine whose vmalloc area is in a recorded state. */
    static Machine boot(String specification, VmallocState areas) {
        return boot(FACTORY.load(specification), Optional.empty(), areas);
    }

    /** A machine in the state of another. */
    static Machine cloned(Machine machine) {
        return boot(
                machine.profile(),
                Optional.of(machine.pages().state()),
                machine.vmalloc().state());
    }

    private static Machine boot(Profile profile, Optional<PageState> pages, VmallocState areas) {
        return FACTORY.boot(
                "test",
                new MachineSeed(profile, pages, true, List.of(), Optional.empty(), areas, List.of()),
                providers());
    }

    private static Providers providers() {
        return new Providers(
                new SparseMemoryProvider(),
                new PageTableMmuProvider(),
                new EraGfpProvider(),
                new BuddyProvider(),
                new ZoneProvider(),
                Optional.of(new SlabProvider()),
                Optional.of(new KernelVmallocProvider()),
                Optional.empty(),
                Optional.of(new EraDmaProvider()));
    }

    static Kernel kernel(Machine machine) {
        return machine.kernel(Caller.of(1, "test", "driver.c:1"));
    }

    static DmaDevice device(Machine machine, String name) {
        return machine.dma().devices().stream()
                .filter(device -> device.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** What was logged since {@code from} lines were there. */
    static List<String> logSince(Machine machine, long from) {
        List<KernelLog.Line> lines = machine.log().lines();
        return lines.subList((int) from, lines.size()).stream()
                .map(KernelLog.Line::text)
                .toList();
    }
}

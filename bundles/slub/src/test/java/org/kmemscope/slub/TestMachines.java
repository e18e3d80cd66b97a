package org.kmemscope.slub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.zone.ZoneProvider;

/** Machines up to SLUB, made with plain {@code new}. */
final class TestMachines {
    static final MachineFactory FACTORY = new MachineFactory(Path.of("../../config/profiles"));

    private TestMachines() {}

    static Machine boot(String specification) {
        return boot(specification, Optional.of(new SlubProvider()));
    }

    /** A machine without an object allocator. */
    static Machine bootBare(String specification) {
        return boot(specification, Optional.empty());
    }

    /** A machine in a recorded state. */
    static Machine boot(MachineSeed seed) {
        return FACTORY.boot("test", seed, providers(Optional.of(new SlubProvider())));
    }

    private static Machine boot(String specification, Optional<ObjectAllocatorProvider> objects) {
        return FACTORY.boot("test", FACTORY.load(specification), providers(objects));
    }

    private static Providers providers(Optional<ObjectAllocatorProvider> objects) {
        return new Providers(
                new SparseMemoryProvider(),
                new PageTableMmuProvider(),
                new EraGfpProvider(),
                new BuddyProvider(),
                new ZoneProvider(),
                objects,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static Kernel kernel(Machine machine) {
        return machine.kernel(Caller.of(1, "test", "SlubTest"));
    }

    static void onCpu(Machine machine, int cpu) {
        machine.setContext(new ContextRequest(cpu, ContextRequest.Kind.PROCESS));
    }

    /** The line of {@code /proc/slabinfo} of a cache. */
    static SlabCacheView cache(Machine machine, String name) {
        return machine.views().slabCaches().stream()
                .filter(view -> view.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no cache is called " + name));
    }

    /** A profile that differs from a shipped one in some text; what to ask for to boot it. */
    static String variant(Path folder, String profile, String text, String instead) throws IOException {
        String name = profile + ".json";
        String shipped = Files.readString(Path.of("../../config/profiles", name));
        if (!shipped.contains(text)) {
            throw new IllegalArgumentException(profile + " does not say " + text);
        }
        Files.writeString(folder.resolve(name), shipped.replace(text, instead));
        return folder.resolve(name).toString();
    }
}

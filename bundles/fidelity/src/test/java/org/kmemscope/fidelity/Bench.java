package org.kmemscope.fidelity;

import java.nio.file.Path;
import java.util.Optional;
import org.kmemscope.api.capture.Captures;
import org.kmemscope.api.fidelity.FidelityReport;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.capture.CaptureService;
import org.kmemscope.dma.EraDmaProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.highmem.KernelHighmemProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.slab.SlabProvider;
import org.kmemscope.vmalloc.KernelVmallocProvider;
import org.kmemscope.zone.ZoneProvider;

/** Comparisons as the service makes them, without a framework. */
final class Bench {
    static final Path CAPTURES_FOLDER = Path.of("src/test/resources/org/kmemscope/fidelity/captures");

    private static final MachineFactory FACTORY = new MachineFactory(Path.of("../../config/profiles"));
    private static final Captures CAPTURES = new CaptureService(new EraGfpProvider(), FACTORY::byRelease);

    private Bench() {}

    /** Compares a capture of this module's resources. */
    static FidelityReport compare(String name) {
        return compare(CAPTURES_FOLDER.resolve(name + ".tar.gz"));
    }

    static FidelityReport compare(Path capture) {
        FidelityService service = new FidelityService(
                profile -> FACTORY.boot("booted", profile, providers()),
                seed -> FACTORY.boot("cloned", seed, providers()));
        return service.compare(CAPTURES.open(capture));
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
                Optional.of(new KernelHighmemProvider()),
                Optional.of(new EraDmaProvider()));
    }
}

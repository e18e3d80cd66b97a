package org.kmemscope.fidelity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.capture.Captures;
import org.kmemscope.api.fidelity.FidelityReport;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
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
import org.kmemscope.slub.SlubProvider;
import org.kmemscope.vmalloc.KernelVmallocProvider;
import org.kmemscope.zone.ZoneProvider;

/** Comparisons as the service makes them, without a framework. */
final class Bench {
    static final Path CAPTURES_FOLDER = Path.of("src/test/resources/org/kmemscope/fidelity/captures");

    private static final String SLUB = "slub";
    private static final MachineFactory FACTORY = new MachineFactory(Path.of("../../config/profiles"));
    private static final Captures CAPTURES = new CaptureService(new EraGfpProvider(), FACTORY::byRelease);

    private Bench() {}

    /** Compares a capture of this module's resources. */
    static FidelityReport compare(String name) {
        return compare(CAPTURES_FOLDER.resolve(name + ".tar.gz"));
    }

    /** Writes the files of a capture into a folder, so that a test may change some. */
    static Path unpack(Path capture, Path folder) throws IOException {
        Capture opened = CAPTURES.open(capture);
        for (String file : opened.files()) {
            Files.write(folder.resolve(file), opened.lines(file).orElseThrow());
        }
        return folder;
    }

    /** Compares one family of a capture. */
    static FidelityReport.Family compare(Path capture, Family family) {
        Subject subject = new Subject(
                CAPTURES.open(capture),
                profile -> FACTORY.boot("booted", profile, providers(profile)),
                seed -> FACTORY.boot("cloned", seed, providers(seed.profile())));
        Findings findings = new Findings();
        family.compare(subject, findings);
        return findings.family(family.name());
    }

    static FidelityReport compare(Path capture) {
        FidelityService service = new FidelityService(
                profile -> FACTORY.boot("booted", profile, providers(profile)),
                seed -> FACTORY.boot("cloned", seed, providers(seed.profile())));
        return service.compare(CAPTURES.open(capture));
    }

    /** What families compare. */
    static Subject subject(Path capture) {
        return new Subject(
                CAPTURES.open(capture),
                profile -> FACTORY.boot("booted", profile, providers(profile)),
                seed -> FACTORY.boot("cloned", seed, providers(seed.profile())));
    }

    /** The object allocator is the one that the profile would rather have. */
    private static Providers providers(Profile profile) {
        List<String> preferred = profile.providers().getOrDefault("object", List.of());
        ObjectAllocatorProvider objects = preferred.indexOf(SLUB) == 0 ? new SlubProvider() : new SlabProvider();
        return new Providers(
                new SparseMemoryProvider(),
                new PageTableMmuProvider(),
                new EraGfpProvider(),
                new BuddyProvider(),
                new ZoneProvider(),
                Optional.of(objects),
                Optional.of(new KernelVmallocProvider()),
                Optional.of(new KernelHighmemProvider()),
                Optional.of(new EraDmaProvider()));
    }
}

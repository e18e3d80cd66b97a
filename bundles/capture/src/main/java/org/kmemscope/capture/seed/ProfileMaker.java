package org.kmemscope.capture.seed;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.ground.AddressLayout.Region;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.ArchSpec.Tables;
import org.kmemscope.api.ground.BootOptions;
import org.kmemscope.api.ground.BootPages;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.ground.KernelBuild;
import org.kmemscope.api.ground.KernelBuild.Section;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelSpec;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.ProfileSource;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.view.ResourceView;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.capture.file.CaptureFiles;
import org.kmemscope.capture.file.ConfigFile;
import org.kmemscope.capture.file.FileKind;
import org.kmemscope.capture.file.Iomem;
import org.kmemscope.capture.file.TextFile;
import org.kmemscope.capture.view.BootLog;
import org.kmemscope.capture.view.RamRanges;

/**
 * Makes the profile of a captured machine.
 * <ol>
 *   <li>Build of the kernel: the shipped profile of its release if there is one and it agrees with the zones that were captured; else
 *       what the files let one conclude. A captured configuration outranks both.
 *   <li>Memory map, processors and boot options: those of the capture.
 * </ol>
 */
final class ProfileMaker {
    private static final long PHYS_ALIGN = 16L << 20;
    private static final long PC_DMA_END = 16L << 20;
    private static final long FOUR_GIB = 1L << 32;
    private static final long DEFAULT_OFFSET = 0xc000_0000L;
    private static final int DEFAULT_STRUCT_PAGE = 32;
    private static final int DEFAULT_TLB = 64;
    private static final int DEFAULT_LINE = 64;
    private static final int USUAL_ORDERS = 11;
    private static final int DEFAULT_CMA_MIB = 16;
    private static final int MIB_SHIFT = 20;

    private final CaptureFiles files;
    private final Hints hints;
    private final RamRanges ram;
    private final Optional<Profile> base;
    private final List<String> notes;

    ProfileMaker(CaptureFiles files, Hints hints, RamRanges ram, ProfileSource profiles, List<String> notes) {
        this.files = files;
        this.hints = hints;
        this.ram = ram;
        this.notes = notes;
        base = profiles.byRelease(hints.kernel().release()).filter(this::agrees);
    }

    /** Another kernel may carry the same release: a profile that contradicts what was captured is not its profile. */
    private boolean agrees(Profile profile) {
        List<String> differences = new ArrayList<>();
        boolean i386 = profile.arch().arch() == Arch.I386;
        if (i386 != hints.kernel().i386()) {
            differences.add("processor");
        }
        List<ZoneView> zones = hints.zones();
        if (!zones.isEmpty()) {
            if (profile.zoneDma() != has(zones, ZoneType.DMA)) {
                differences.add("ZONE_DMA");
            }
            if (profile.kernel().config().highmem() != has(zones, ZoneType.HIGHMEM)) {
                differences.add("high memory");
            }
            KernelConfig config = profile.kernel().config();
            int orders = config.integer("ARCH_FORCE_MAX_ORDER", config.integer("FORCE_MAX_ZONEORDER", USUAL_ORDERS));
            if (hints.maxOrder().filter(count -> count != orders).isPresent()) {
                differences.add("number of orders");
            }
        }
        if (!differences.isEmpty()) {
            notes.add("profile " + profile.name() + " has this release but differs in " + String.join(", ", differences)
                    + ": not used");
        }
        return differences.isEmpty();
    }

    private static boolean has(List<ZoneView> zones, ZoneType type) {
        return zones.stream().anyMatch(zone -> zone.type() == type);
    }

    Profile profile() {
        base.ifPresent(profile -> notes.add("build of the kernel: from the shipped profile " + profile.name()));
        notes.add("memory map: from " + ram.source());
        KernelConfig config = config();
        long physOffset = hints.kernel().i386() ? 0 : ram.ranges().get(0).start() & -PHYS_ALIGN;
        ArchSpec arch = arch(config, physOffset);
        KernelBuild build = build(physOffset);
        List<MemoryRegion> memory = MemoryRegions.of(ram.ranges(), iomem(), build.image());
        int cpus = hints.cpus().orElseGet(() -> {
            notes.add("processors: one assumed");
            return 1;
        });
        KernelSpec kernel = kernel(config, build);
        return new Profile(
                files.name(),
                "clone of the captured " + hints.kernel().release(),
                kernel,
                arch,
                cpus,
                memory,
                config.is("ZONE_DMA"),
                arch.arch() == Arch.I386 ? PC_DMA_END : hints.dmaZoneEnd().orElse(FOUR_GIB),
                devices(memory),
                base.map(Profile::providers).orElseGet(this::providers),
                Math.max(cpus, hints.log().possibleCpus().orElse(cpus)),
                bootPages(config, kernel.options()));
    }

    private BootPages bootPages(KernelConfig config, BootOptions options) {
        Optional<Long> atStart = hints.log().pagesAtStart(this::countedBelow);
        if (atStart.isEmpty()) {
            notes.add("memory that boot keeps: what the model's boot needs, as no boot log tells");
        }
        return new BootPages(
                atStart.orElse(BootPages.UNKNOWN.atStart()),
                hints.log().pagesLater(),
                hints.log().devicePools().stream().map(ProfileMaker::reserved).toList(),
                boardAreas(config, options).stream().map(ProfileMaker::reserved).toList());
    }

    /** From 2.6.26 on, frame 0 of a PC belongs to the firmware, whatever its map says ({@code page_is_ram()}). */
    private long countedBelow(long pfn) {
        boolean without = hints.kernel().version().isAtLeast(2, 6, 26);
        return ram.framesBelow(pfn) - (without ? ram.framesBelow(1) : 0);
    }

    private static MemoryRegion reserved(BootLog.Range range) {
        return new MemoryRegion(range.start(), range.end(), MemoryRegion.Kind.RESERVED, range.kind());
    }

    /** Contiguous areas of the board: all but the kernel's own, which is declared last and has the configured size. */
    private List<BootLog.Range> boardAreas(KernelConfig config, BootOptions options) {
        List<BootLog.Range> areas = hints.log().contiguous();
        long own = options.size("cma").orElse(config.number("CMA_SIZE_MBYTES", DEFAULT_CMA_MIB) << MIB_SHIFT);
        int last = areas.size() - 1;
        boolean hasOwn = last >= 0 && areas.get(last).end() - areas.get(last).start() == own;
        return hasOwn ? areas.subList(0, last) : areas;
    }

    private KernelConfig config() {
        Optional<TextFile> captured = files.find(FileKind.CONFIG);
        if (captured.isPresent()) {
            notes.add("build-time options: from " + captured.get().name());
            return new KernelConfig(ConfigFile.read(captured.get()));
        }
        return base.map(profile -> profile.kernel().config()).orElseGet(() -> {
            notes.add("build-time options: concluded from the files, as no configuration was captured");
            return GuessedConfig.of(hints, notes);
        });
    }

    private ArchSpec arch(KernelConfig config, long physOffset) {
        boolean i386 = hints.kernel().i386();
        boolean large = config.is(i386 ? "X86_PAE" : "ARM_LPAE");
        Tables two = i386 ? Tables.I386_2LEVEL : Tables.ARM_SHORT;
        Tables three = i386 ? Tables.I386_PAE : Tables.ARM_LPAE;
        Optional<ArchSpec> known = base.map(Profile::arch);
        return new ArchSpec(
                i386 ? Arch.I386 : Arch.ARM,
                large ? three : two,
                known.map(ArchSpec::pageOffset).or(hints::pageOffset).orElse(DEFAULT_OFFSET),
                physOffset,
                hints.processorLine()
                        .or(() -> known.map(ArchSpec::cacheLine))
                        .or(hints::constantLine)
                        .orElse(DEFAULT_LINE),
                known.map(ArchSpec::tlbEntries).orElse(DEFAULT_TLB),
                known.map(ArchSpec::coherentDma).orElse(i386));
    }

    private KernelSpec kernel(KernelConfig config, KernelBuild build) {
        Optional<KernelSpec> known = base.map(Profile::kernel);
        int structPage = known.map(KernelSpec::structPageSize)
                .or(hints::structPage)
                .orElseGet(() -> {
                    notes.add("struct page: " + DEFAULT_STRUCT_PAGE + " bytes assumed");
                    return DEFAULT_STRUCT_PAGE;
                });
        BootOptions options = commandLine()
                .map(BootOptions::parse)
                .or(() -> known.map(KernelSpec::options))
                .orElseGet(() -> BootOptions.parse(""));
        return new KernelSpec(
                known.map(KernelSpec::version).orElse(hints.kernel().version()),
                hints.kernel().release(),
                config,
                options,
                structPage,
                known.map(KernelSpec::kmallocMax).orElse(0L),
                build);
    }

    private Optional<String> commandLine() {
        Optional<String> file =
                files.find(FileKind.CMDLINE).map(some -> some.lines().get(0));
        return file.or(hints.log()::commandLine);
    }

    private KernelBuild build(long physOffset) {
        List<Section> captured = ImageSections.of(iomem(), hints.log(), physOffset);
        Optional<KernelBuild> known = base.map(profile -> profile.kernel().build());
        List<Section> image = known.map(KernelBuild::image)
                .filter(sections -> captured.isEmpty() ? inRam(sections) : sameText(sections, captured))
                .orElse(captured);
        if (image.isEmpty()) {
            notes.add("kernel image: its place is not known, none is kept");
        } else if (captured.isEmpty()) {
            notes.add("kernel image: its place is that of the shipped profile");
        }
        BootLog log = hints.log();
        boolean board = !hints.kernel().i386() && !hints.kernel().version().isAtLeast(3, 3);
        Optional<Region> vmalloc = log.region("vmalloc").filter(row -> board);
        Optional<Region> consistent = log.region("DMA").filter(row -> board);
        return new KernelBuild(
                known.map(KernelBuild::fixmapEntries)
                        .orElseGet(() -> hints.fixmapEntries().orElse(0)),
                known.map(KernelBuild::vmallocEnd)
                        .filter(end -> end > 0)
                        .or(() -> vmalloc.map(Region::end))
                        .orElse(0L),
                known.map(KernelBuild::consistentDma)
                        .filter(size -> size > 0)
                        .or(() -> consistent.map(row -> row.end() - row.start()))
                        .orElse(0L),
                image);
    }

    /** The profile knows sections that no file prints; they count if the kernel lies where the profile's does. */
    private static boolean sameText(List<Section> known, List<Section> captured) {
        return start(known).isPresent() && start(known).equals(start(captured));
    }

    private static Optional<Long> start(List<Section> sections) {
        return sections.stream()
                .filter(section -> section.name().equals(".text"))
                .map(Section::start)
                .findFirst();
    }

    private boolean inRam(List<Section> sections) {
        return sections.stream().allMatch(section -> ram.ranges().stream()
                .anyMatch(range -> range.start() <= section.start() && section.end() <= range.end()));
    }

    private List<ResourceView> iomem() {
        return files.find(FileKind.IOMEM)
                .map(Iomem::read)
                .filter(file -> !file.hidden())
                .map(Iomem::resources)
                .orElse(List.of());
    }

    /** Devices of the shipped profile whose registers do not lie on the captured RAM. */
    private List<DeviceSpec> devices(List<MemoryRegion> memory) {
        return base.map(Profile::devices).orElse(List.of()).stream()
                .filter(device -> memory.stream()
                        .noneMatch(region -> region.kind() == MemoryRegion.Kind.RAM
                                && device.base() < region.end()
                                && region.start() < device.base() + device.size()))
                .toList();
    }

    private Map<String, List<String>> providers() {
        Map<String, List<String>> providers = new LinkedHashMap<>();
        providers.put("page", List.of("buddy"));
        providers.put("object", hints.slub() ? List.of("slub", "slab") : List.of("slab", "slub"));
        return providers;
    }
}

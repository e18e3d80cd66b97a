package org.kmemscope.capture.seed;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.kmemscope.api.ground.AddressLayout.Region;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.capture.file.CaptureFiles;
import org.kmemscope.capture.file.Counters;
import org.kmemscope.capture.file.CpuInfo;
import org.kmemscope.capture.file.FileKind;
import org.kmemscope.capture.file.OracleConst;
import org.kmemscope.capture.view.BootLog;
import org.kmemscope.capture.view.CapturedViews;
import org.kmemscope.capture.view.KernelIdentity;

/** What the files of a capture let one conclude about the build of its kernel. Each answer names its best witness first. */
final class Hints {
    private static final int PAGE_SIZE = 4096;
    private static final int PAE_ENTRIES = 512;
    private static final int PAE_PKMAP_BYTES = 2 << 20;
    private static final int PAE_HUGE_KB = 2048;
    private static final int DEFAULT_LINE = 64;
    private static final Pattern PAE_NAME = Pattern.compile(".*(?i:pae|bigmem|highmem64).*");
    private static final List<Integer> STRUCT_PAGE_SIZES = List.of(32, 36, 40, 44, 48, 52, 56, 64);

    private final KernelIdentity kernel;
    private final BootLog log;
    private final List<ZoneView> zones;
    private final List<CounterView> meminfo;
    private final Optional<OracleConst> constants;
    private final Optional<CpuInfo> cpuInfo;
    private final Optional<List<String>> migrateTypes;
    private final boolean slubFiles;
    private final Optional<Integer> ordersOfVector;

    Hints(CaptureFiles files, CapturedViews views) {
        kernel = views.kernel();
        log = views.bootLog();
        zones = views.knownZones();
        meminfo = files.find(FileKind.MEMINFO).map(Counters::meminfo).orElse(List.of());
        constants = files.find(FileKind.ORACLE_CONST).map(OracleConst::read);
        cpuInfo = files.find(FileKind.CPUINFO).map(CpuInfo::read);
        migrateTypes = views.capturedZones().migrateTypes();
        ordersOfVector = files.find(FileKind.VECTOR).map(VectorReader::maxOrder);
        slubFiles = files.find(FileKind.SLAB_SYSFS).isPresent()
                || files.find(FileKind.SLABINFO).isPresent()
                        && views.slabCaches().stream().allMatch(cache -> cache.limit() == 0);
    }

    /** Three-level page tables on a PC, two-level if nothing speaks for them; empty if nothing tells either way. */
    Optional<Boolean> pae() {
        Optional<Boolean> told = constants
                .flatMap(known -> known.get("PTRS_PER_PTE"))
                .map(entries -> entries == PAE_ENTRIES)
                .or(() -> kb("Hugepagesize").map(size -> size == PAE_HUGE_KB))
                .or(() -> kb("DirectMap2M").map(size -> true))
                .or(() -> kb("DirectMap4M").map(size -> false))
                .or(() -> log.region("pkmap").map(row -> row.end() - row.start() == PAE_PKMAP_BYTES));
        if (told.isPresent()) {
            return told;
        }
        if (log.says("max_arch_pfn = 0x1000000") || log.says("NX (Execute Disable) protection: active")) {
            return Optional.of(true);
        }
        if (log.says("max_arch_pfn = 0x100000") || log.says("non-PAE kernel")) {
            return Optional.of(false);
        }
        return PAE_NAME.matcher(kernel.release()).matches() ? Optional.of(true) : Optional.empty();
    }

    /** Descriptors of 64 bits on ARM. */
    boolean lpae() {
        boolean told = constants
                .flatMap(known -> known.get("PTRS_PER_PTE"))
                .filter(entries -> kernel.arm() && entries == PAE_ENTRIES && known("sizeof(pte_t)") == Long.BYTES)
                .isPresent();
        return told || kernel.release().toLowerCase(java.util.Locale.ROOT).contains("lpae");
    }

    private long known(String constant) {
        return constants.flatMap(all -> all.get(constant)).orElse(0L);
    }

    private Optional<Long> kb(String name) {
        return meminfo.stream()
                .filter(counter -> counter.name().equals(name))
                .map(CounterView::value)
                .findFirst();
    }

    /** High memory is configured: a zone of it, or the lines that only such kernels print. */
    boolean highmem() {
        boolean zone = zones.stream().anyMatch(some -> some.type() == ZoneType.HIGHMEM);
        return zone
                || kb("HighTotal").isPresent()
                || log.says("HIGHMEM available")
                || log.region("pkmap").isPresent()
                || log.says("  HighMem ");
    }

    /** A zone of DMA memory is configured. On a PC it always is, unless zones are known and none is. */
    boolean zoneDma() {
        boolean printed = zones.stream().anyMatch(zone -> zone.type() == ZoneType.DMA && zone.populated());
        boolean logged = log.says("  DMA  ");
        return printed || zones.isEmpty() && (kernel.i386() || logged);
    }

    /** Physical end of that zone where it does not reach over all of memory. */
    Optional<Long> dmaZoneEnd() {
        boolean normal = zones.stream().anyMatch(zone -> zone.type() == ZoneType.NORMAL && zone.populated());
        return zones.stream()
                .filter(zone -> zone.type() == ZoneType.DMA && zone.populated() && normal)
                .map(zone -> (zone.startPfn() + zone.spanned()) * PAGE_SIZE)
                .findFirst();
    }

    /** Whether kernel pages may have several processors. */
    boolean smp() {
        return kernel.banner().contains(" SMP ") || cpus().orElse(1) > 1;
    }

    /** Whether the kernel preempts itself. */
    boolean preempt() {
        return kernel.banner().contains(" PREEMPT");
    }

    /** How many processors are online. */
    Optional<Integer> cpus() {
        OptionalInt sets = zones.stream()
                .filter(ZoneView::populated)
                .mapToInt(zone -> zone.pageSets().size())
                .filter(count -> count > 0)
                .max();
        if (sets.isPresent()) {
            return Optional.of(sets.getAsInt());
        }
        return cpuInfo.map(CpuInfo::processors)
                .or(() -> constants.flatMap(all -> all.get("num_online_cpus()")).map(Math::toIntExact))
                .or(log::cpus);
    }

    /** {@code CONFIG_NR_CPUS}. */
    Optional<Integer> nrCpus() {
        return constants
                .flatMap(all -> all.get("NR_CPUS"))
                .map(Math::toIntExact)
                .or(log::nrCpus);
    }

    /** {@code HZ}. */
    Optional<Integer> hz() {
        return constants.flatMap(all -> all.get("HZ")).map(Math::toIntExact).or(log::hz);
    }

    /** Bytes of a cache line, as the processor says; ARM kernels have it built in. */
    Optional<Integer> processorLine() {
        return cpuInfo.flatMap(CpuInfo::cacheLine).or(log::cacheLine).filter(Hints::isLine);
    }

    /** The same, read by a module. */
    Optional<Integer> constantLine() {
        return constants
                .flatMap(all -> all.get("cache_line_size()"))
                .map(Math::toIntExact)
                .filter(Hints::isLine);
    }

    private static boolean isLine(int bytes) {
        return Integer.bitCount(bytes) == 1;
    }

    /** Bytes of a cache line, from whoever tells. */
    int cacheLine() {
        return processorLine().or(this::constantLine).orElse(DEFAULT_LINE);
    }

    /** {@code PAGE_OFFSET}. */
    Optional<Long> pageOffset() {
        return constants.flatMap(all -> all.get("PAGE_OFFSET")).or(() -> log.region("lowmem")
                .map(Region::start));
    }

    /** {@code MAX_ORDER}: the number of orders. */
    Optional<Integer> maxOrder() {
        OptionalInt columns = zones.stream()
                .mapToInt(zone -> zone.freeBlocks().size())
                .filter(size -> size > 0)
                .max();
        return columns.isPresent()
                ? Optional.of(columns.getAsInt())
                : constants
                        .flatMap(all -> all.get("MAX_ORDER"))
                        .map(Math::toIntExact)
                        .or(() -> ordersOfVector);
    }

    /** Whether huge pages are built in. */
    boolean hugePages() {
        return kb("Hugepagesize").isPresent();
    }

    /** Whether transparent huge pages are built in. */
    boolean transparentHugePages() {
        return kb("AnonHugePages").isPresent();
    }

    /** Whether the kernel has a migrate type. */
    boolean hasType(MigrateType type) {
        return migrateTypes
                .map(names -> names.contains(type.label()))
                .orElse(type == MigrateType.CMA && zones.stream().anyMatch(zone -> zone.cma() > 0));
    }

    /** Whether its object allocator is SLUB. */
    boolean slub() {
        return constants
                .map(all -> all.words().getOrDefault("SLAB_ALLOCATOR", ""))
                .filter(name -> !name.isEmpty())
                .map("SLUB"::equals)
                .orElse(slubFiles || log.says("SLUB: "));
    }

    /** Permanent entries of the fixmap of a PC. */
    Optional<Integer> fixmapEntries() {
        if (!kernel.i386()) {
            return Optional.empty();
        }
        return constants
                .filter(all -> all.get("FIXADDR_START").isPresent()
                        && all.get("FIXADDR_TOP").isPresent())
                .map(all -> known("FIXADDR_TOP") - known("FIXADDR_START"))
                .or(() -> log.region("fixmap").map(row -> row.end() - row.start()))
                .map(bytes -> (int) (bytes / PAGE_SIZE));
    }

    /**
     * {@code sizeof(struct page)}: as a module read it, or the smallest usual size that gives the pages which boot says it uses for
     * each zone's part of {@code mem_map}.
     */
    Optional<Integer> structPage() {
        Optional<Integer> told =
                constants.flatMap(all -> all.get("sizeof(struct page)")).map(Math::toIntExact);
        Map<String, Integer> pages = log.memmapPages();
        if (told.isPresent() || pages.isEmpty()) {
            return told;
        }
        return STRUCT_PAGE_SIZES.stream()
                .filter(size -> zones.stream()
                        .filter(zone -> zone.populated()
                                && pages.containsKey(zone.type().label()))
                        .allMatch(zone -> fits(
                                zone.spanned() * size, pages.get(zone.type().label()))))
                .findFirst()
                .filter(size -> zones.stream().anyMatch(ZoneView::populated));
    }

    /** Rounded down in 2.6.24, up since. */
    private static boolean fits(long bytes, int pages) {
        return bytes / PAGE_SIZE == pages || (bytes + PAGE_SIZE - 1) / PAGE_SIZE == pages;
    }

    BootLog log() {
        return log;
    }

    List<ZoneView> zones() {
        return zones;
    }

    KernelIdentity kernel() {
        return kernel;
    }

    /** Pages of memory that is mapped, and of high memory, as {@code meminfo} counts them. */
    Optional<Long> pagesOf(String counter) {
        return kb(counter).map(value -> value * 1024 / PAGE_SIZE);
    }
}

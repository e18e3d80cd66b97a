package org.kmemscope.capture.view;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.kmemscope.api.capture.NotCaptured;
import org.kmemscope.api.gfp.GfpProvider;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.api.view.DmaMappingView;
import org.kmemscope.api.view.KmapView;
import org.kmemscope.api.view.ResourceView;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.api.view.Views;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.capture.file.CaptureFiles;
import org.kmemscope.capture.file.Counters;
import org.kmemscope.capture.file.Dmesg;
import org.kmemscope.capture.file.FileKind;
import org.kmemscope.capture.file.Iomem;
import org.kmemscope.capture.file.SlabInfo;
import org.kmemscope.capture.file.SlabSysfs;
import org.kmemscope.capture.file.TextFile;
import org.kmemscope.capture.file.VmallocInfo;

/** A capture as a target: each question is answered from its file, which is read when the question is first asked. */
public final class CapturedViews implements Views {
    private final CaptureFiles files;
    private final GfpProvider gfp;
    private final Supplier<KernelIdentity> kernel;
    private final Supplier<CapturedZones> zones;
    private final Supplier<List<ZoneView>> zoneViews;
    private final Supplier<BootLog> bootLog;
    private final Supplier<AddressLayout> layout;
    private final Supplier<List<SlabCacheView>> caches;
    private final Supplier<VmallocInfo> areas;

    /** Views of a capture's files. */
    public CapturedViews(CaptureFiles files, GfpProvider gfp) {
        this.files = files;
        this.gfp = gfp;
        kernel = new Memo<>(() -> KernelIdentity.of(files));
        zones = new Memo<>(() -> new CapturedZones(files, wide()));
        zoneViews = new Memo<>(() -> zones.get().zones());
        bootLog = new Memo<>(
                () -> new BootLog(files.find(FileKind.DMESG).map(Dmesg::read).orElse(List.of())));
        layout = new Memo<>(this::readLayout);
        caches = new Memo<>(() -> {
            Map<String, Map<String, String>> attributes =
                    files.find(FileKind.SLAB_SYSFS).map(SlabSysfs::read).orElse(Map.of());
            return SlabInfo.read(files.need(FileKind.SLABINFO), attributes);
        });
        areas = new Memo<>(() -> VmallocInfo.read(files.need(FileKind.VMALLOCINFO)));
    }

    private boolean wide() {
        return knownKernel().filter(KernelIdentity::wide).isPresent();
    }

    private boolean isPc() {
        return knownKernel().filter(KernelIdentity::i386).isPresent();
    }

    /** The kernel, if the capture tells: what asks for this can do without. */
    private Optional<KernelIdentity> knownKernel() {
        try {
            return Optional.of(kernel.get());
        } catch (NotCaptured e) {
            return Optional.empty();
        }
    }

    /** Which kernel it is. */
    public KernelIdentity kernel() {
        return kernel.get();
    }

    /** What the zones are made of. */
    public CapturedZones capturedZones() {
        return zones.get();
    }

    /** What the boot messages tell; nothing, if there are none. */
    public BootLog bootLog() {
        return bootLog.get();
    }

    @Override
    public KernelVersion version() {
        return kernel.get().version();
    }

    @Override
    public AddressLayout layout() {
        return layout.get();
    }

    private AddressLayout readLayout() {
        List<ZoneView> known = knownZones();
        List<BootLog.Range> ram = RamRanges.of(files, bootLog.get(), known, isPc())
                .map(RamRanges::ranges)
                .orElse(List.of());
        return new CapturedLayout(files, bootLog.get(), known, ram).layout();
    }

    /** The zones, or none if the capture does not tell. */
    public List<ZoneView> knownZones() {
        boolean told = files.find(FileKind.ZONEINFO).isPresent()
                || files.find(FileKind.ORACLE_ZONES).isPresent();
        return told ? zones() : List.of();
    }

    @Override
    public List<ZoneView> zones() {
        return zoneViews.get();
    }

    @Override
    public List<CounterView> nodeStatistics() {
        return zones.get().nodeStatistics();
    }

    @Override
    public List<String> migrateTypes() {
        return zones.get().migrateTypes().orElseGet(() -> {
            // /proc/pagetypeinfo is for root alone since 5.5; the version tells the types but not those of options
            return gfp
                    .table(version(), new org.kmemscope.api.ground.KernelConfig(Map.of()))
                    .migrateTypes()
                    .byIndex()
                    .stream()
                    .map(MigrateType::label)
                    .toList();
        });
    }

    @Override
    public List<SlabCacheView> slabCaches() {
        return caches.get();
    }

    @Override
    public List<VmapAreaView> vmapAreas() {
        return areas.get().areas();
    }

    /** Whether the kernel hid the addresses of its areas. */
    public boolean areasHidden() {
        return areas.get().hidden();
    }

    @Override
    public List<KmapView> kmaps() {
        throw new NotCaptured("no file of a running kernel tells of its windows onto high memory");
    }

    @Override
    public List<DmaMappingView> dmaMappings() {
        throw new NotCaptured("no file of a running kernel tells of its DMA mappings");
    }

    @Override
    public List<ResourceView> iomem() {
        return Iomem.read(files.need(FileKind.IOMEM)).resources();
    }

    @Override
    public List<CounterView> meminfo() {
        return Counters.meminfo(files.need(FileKind.MEMINFO));
    }

    @Override
    public List<CounterView> vmstat() {
        return Counters.vmstat(files.need(FileKind.VMSTAT));
    }

    @Override
    public List<KernelLog.Line> dmesg() {
        TextFile log = files.need(FileKind.DMESG);
        return Dmesg.read(log);
    }
}

package org.kmemscope.capture.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.capture.NotCaptured;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.AddressLayout.Region;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.ZoneLimits;
import org.kmemscope.api.ground.ZoneLimits.PfnRange;
import org.kmemscope.api.ground.ZoneLimits.Zone;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.capture.file.CaptureFiles;
import org.kmemscope.capture.file.FileKind;
import org.kmemscope.capture.file.OracleConst;

/**
 * The address space as a capture tells it: by the constants that a module read, else by the block "virtual kernel memory layout" of the
 * boot log. What neither says (the kmap_atomic windows in a boot log) is 0.
 */
final class CapturedLayout {
    private static final String LOWMEM = "lowmem";
    private static final String VMALLOC = "vmalloc";
    private static final String PKMAP = "pkmap";
    private static final String FIXMAP = "fixmap";

    private final CaptureFiles files;
    private final BootLog log;
    private final List<ZoneView> zones;
    private final List<BootLog.Range> ram;

    /**
     * @param zones zones, if they are known; else empty
     * @param ram RAM, if it is known; else empty
     */
    CapturedLayout(CaptureFiles files, BootLog log, List<ZoneView> zones, List<BootLog.Range> ram) {
        this.files = files;
        this.log = log;
        this.zones = zones;
        this.ram = ram;
    }

    AddressLayout layout() {
        Optional<AddressLayout> read =
                files.find(FileKind.ORACLE_CONST).map(OracleConst::read).flatMap(this::fromConstants);
        return read.or(this::fromBootLog)
                .orElseThrow(
                        () -> new NotCaptured(
                                files.name() + " has no oracle-const.txt and no boot log with the block"
                                        + " 'virtual kernel memory layout' (5.x and later print none), which tell: the address space"));
    }

    private Optional<AddressLayout> fromConstants(OracleConst constants) {
        Map<String, Long> all = constants.constants();
        if (!all.keySet().containsAll(List.of("PAGE_OFFSET", "high_memory", "VMALLOC_START", "VMALLOC_END"))) {
            return Optional.empty();
        }
        long pageOffset = all.get("PAGE_OFFSET");
        long highMemory = all.get("high_memory");
        long pkmap = all.getOrDefault("PKMAP_BASE", 0L);
        int slots = all.getOrDefault("LAST_PKMAP", 0L).intValue();
        long fixStart = all.getOrDefault("FIXADDR_START", 0L);
        long fixTop = all.getOrDefault("FIXADDR_TOP", 0L);
        List<Region> regions = new ArrayList<>();
        regions.add(new Region(FIXMAP, fixStart, fixTop));
        if (slots > 0) {
            regions.add(new Region(PKMAP, pkmap, pkmap + (long) slots * Profile.PAGE_SIZE));
        }
        regions.add(new Region(VMALLOC, all.get("VMALLOC_START"), all.get("VMALLOC_END")));
        regions.add(new Region(LOWMEM, pageOffset, highMemory));
        return Optional.of(new AddressLayout(
                pageOffset,
                all.getOrDefault("PHYS_OFFSET", 0L),
                minPfn(),
                maxLowPfn(pageOffset, highMemory, all.getOrDefault("PHYS_OFFSET", 0L)),
                maxPfn(),
                highMemory,
                all.get("VMALLOC_START"),
                all.get("VMALLOC_END"),
                pkmap,
                slots,
                fixStart,
                fixTop,
                all.getOrDefault("fix_to_virt_FIX_KMAP_BEGIN", 0L),
                step(all),
                all.getOrDefault("KM_MAX_IDX", 0L).intValue(),
                regions,
                all,
                limits(all.getOrDefault("MAX_ORDER", 0L).intValue()),
                List.of()));
    }

    /** Distance between kmap_atomic windows: from the first and the last of them. */
    private static int step(Map<String, Long> all) {
        long windows = all.getOrDefault("FIX_KMAP_END", 0L) - all.getOrDefault("FIX_KMAP_BEGIN", 0L);
        long bytes =
                all.getOrDefault("fix_to_virt_FIX_KMAP_END", 0L) - all.getOrDefault("fix_to_virt_FIX_KMAP_BEGIN", 0L);
        return windows == 0 ? 0 : (int) (bytes / windows);
    }

    private Optional<AddressLayout> fromBootLog() {
        Optional<Region> lowmem = log.region(LOWMEM);
        Optional<Region> vmalloc = log.region(VMALLOC);
        Optional<Region> fixmap = log.region(FIXMAP);
        if (lowmem.isEmpty() || vmalloc.isEmpty()) {
            return Optional.empty();
        }
        Optional<Region> pkmap = log.region(PKMAP);
        long physOffset = ram.isEmpty() || ram.get(0).start() < (16L << 20)
                ? 0
                : ram.get(0).start();
        long pageOffset = lowmem.get().start();
        return Optional.of(new AddressLayout(
                pageOffset,
                physOffset,
                minPfn(),
                maxLowPfn(pageOffset, lowmem.get().end(), physOffset),
                maxPfn(),
                lowmem.get().end(),
                vmalloc.get().start(),
                vmalloc.get().end(),
                pkmap.map(Region::start).orElse(0L),
                pkmap.map(region -> (int) ((region.end() - region.start()) / Profile.PAGE_SIZE))
                        .orElse(0),
                fixmap.map(Region::start).orElse(0L),
                fixmap.map(Region::end).orElse(0L),
                0,
                0,
                0,
                log.layout(),
                Map.of(),
                limits(0),
                List.of()));
    }

    private int minPfn() {
        return ram.isEmpty() ? 0 : (int) (ram.get(0).start() >>> Profile.PAGE_SHIFT);
    }

    private static int maxLowPfn(long pageOffset, long highMemory, long physOffset) {
        return (int) ((highMemory - pageOffset + physOffset) >>> Profile.PAGE_SHIFT);
    }

    private int maxPfn() {
        long ofZones = zones.stream()
                .mapToLong(zone -> zone.startPfn() + zone.spanned())
                .max()
                .orElse(0);
        long ofRam = ram.stream().mapToLong(BootLog.Range::end).max().orElse(0) >>> Profile.PAGE_SHIFT;
        return (int) (ofZones > 0 ? ofZones : ofRam);
    }

    private ZoneLimits limits(int maxOrder) {
        if (zones.isEmpty()) {
            return ZoneLimits.NONE;
        }
        int orders =
                zones.stream().mapToInt(zone -> zone.freeBlocks().size()).max().orElse(0);
        List<Zone> all = zones.stream()
                .map(zone -> new Zone(zone.type(), zone.startPfn(), (int) (zone.startPfn() + zone.spanned())))
                .toList();
        List<PfnRange> present = ram.stream()
                .map(range -> new PfnRange((int) ((range.start() + Profile.PAGE_SIZE - 1) >>> Profile.PAGE_SHIFT), (int)
                        (range.end() >>> Profile.PAGE_SHIFT)))
                .toList();
        return new ZoneLimits(
                maxOrder > 0 ? maxOrder : Math.max(orders, 1), zones.get(0).pageblockOrder(), all, present);
    }
}

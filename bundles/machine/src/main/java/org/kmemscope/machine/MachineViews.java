package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.phys.MmioDevice;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.api.view.DmaMappingView;
import org.kmemscope.api.view.KmapView;
import org.kmemscope.api.view.ResourceView;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.api.view.SlabObjectView;
import org.kmemscope.api.view.Views;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.machine.layout.LayoutBlock;

/** Snapshots of a machine, each taken under its lock. */
final class MachineViews implements Views {
    private static final int KB_PER_PAGE = Profile.PAGE_SIZE / 1024;
    private static final int HUNDRED = 100;
    private static final int DEFAULT_OVERCOMMIT_RATIO = 50;

    private final SimulatedMachine machine;
    private final ProcFields fields = new ProcFields();

    MachineViews(SimulatedMachine machine) {
        this.machine = machine;
    }

    @Override
    public KernelVersion version() {
        return machine.profile().kernel().version();
    }

    @Override
    public AddressLayout layout() {
        return machine.layout();
    }

    @Override
    public List<String> layoutBlock() {
        return LayoutBlock.lines(machine.layout(), machine.profile().arch().arch());
    }

    @Override
    public List<ZoneView> zones() {
        return machine.locked(() ->
                machine.pages().zones().stream().map(this::withAllStatistics).toList());
    }

    private ZoneView withAllStatistics(ZoneView zone) {
        Map<String, Long> statistics = new LinkedHashMap<>();
        for (String name : fields.of("zone", version())) {
            statistics.put(name, zone.statistics().getOrDefault(name, 0L));
        }
        // what /proc/zoneinfo tells beside its counters
        zone.statistics().forEach((name, value) -> {
            if (!name.startsWith("nr_") && !name.startsWith("pg")) {
                statistics.put(name, value);
            }
        });
        return zone.withStatistics(statistics);
    }

    @Override
    public List<CounterView> nodeStatistics() {
        return machine.locked(() -> {
            Map<String, Long> values = counters(machine.pages().zones());
            return fields.of("node", version()).stream()
                    .map(name -> new CounterView(name, values.getOrDefault(name, 0L)))
                    .toList();
        });
    }

    @Override
    public List<String> migrateTypes() {
        return machine.gfp().migrateTypes().byIndex().stream()
                .map(MigrateType::label)
                .toList();
    }

    @Override
    public List<SlabCacheView> slabCaches() {
        return machine.locked(() -> machine.objects().caches());
    }

    @Override
    public List<SlabObjectView> slabObjects(String cache) {
        return machine.locked(() -> new SlabObjects(machine, cache).find());
    }

    @Override
    public List<VmapAreaView> vmapAreas() {
        return machine.has(SimulatedMachine.PartKind.VMALLOC)
                ? machine.locked(() -> machine.vmalloc().areas())
                : List.of();
    }

    @Override
    public List<KmapView> kmaps() {
        return machine.has(SimulatedMachine.PartKind.HIGHMEM)
                ? machine.locked(() -> machine.highmem().windows())
                : List.of();
    }

    @Override
    public List<DmaMappingView> dmaMappings() {
        return machine.has(SimulatedMachine.PartKind.DMA)
                ? machine.locked(() -> machine.dma().mappings())
                : List.of();
    }

    @Override
    public List<ResourceView> iomem() {
        List<ResourceView> lines = new ArrayList<>();
        for (MemoryRegion region : machine.profile().memory()) {
            int depth = region.kind() == MemoryRegion.Kind.KERNEL ? 1 : 0;
            lines.add(new ResourceView(region.start(), region.end() - 1, depth, region.name()));
        }
        for (MmioDevice device : machine.ram().devices()) {
            long end = device.base() + device.size() - 1;
            boolean nested = lines.stream()
                    .anyMatch(line -> line.depth() == 0 && device.base() >= line.start() && end <= line.end());
            lines.add(new ResourceView(device.base(), end, nested ? 1 : 0, device.name()));
        }
        lines.sort(Comparator.comparingLong(ResourceView::start).thenComparingInt(ResourceView::depth));
        return lines;
    }

    @Override
    public List<CounterView> meminfo() {
        return machine.locked(() -> {
            Map<String, Long> kb = kilobytes();
            return fields.of("meminfo", version()).stream()
                    .filter(name -> !name.startsWith("Cma")
                            || machine.gfp().migrateTypes().indexOf(MigrateType.CMA) >= 0)
                    .map(name -> new CounterView(name, kb.getOrDefault(name, 0L)))
                    .toList();
        });
    }

    private Map<String, Long> kilobytes() {
        Map<String, Long> kb = new HashMap<>();
        List<ZoneView> zones = machine.pages().zones();
        Map<String, Long> counters = counters(zones);
        long highTotal = 0;
        long highFree = 0;
        for (ZoneView zone : zones) {
            if (zone.type().isHighmem()) {
                highTotal += zone.managed();
                highFree += zone.free();
            }
        }
        long total = machine.pages().totalPages();
        long free = machine.pages().freePageCount();
        put(kb, "MemTotal", total);
        put(kb, "MemFree", free);
        put(kb, "MemAvailable", available(zones, counters, free));
        put(kb, "HighTotal", highTotal);
        put(kb, "HighFree", highFree);
        put(kb, "LowTotal", total - highTotal);
        put(kb, "LowFree", free - highFree);
        put(
                kb,
                "CmaTotal",
                zones.stream().mapToLong(zone -> Math.max(0, zone.cma())).sum());
        put(kb, "CmaFree", counters.get("nr_free_cma"));
        lists(kb, counters);
        long swapTotal = counters.getOrDefault("swap_total", 0L);
        put(kb, "SwapTotal", swapTotal);
        put(kb, "SwapFree", counters.getOrDefault("swap_free", 0L));
        put(kb, "CommitLimit", total * overcommitRatio() / HUNDRED + swapTotal);
        put(kb, "Committed_AS", counters.getOrDefault("committed", 0L));
        put(kb, "Slab", counters.get("nr_slab_reclaimable") + counters.get("nr_slab_unreclaimable"));
        put(kb, "KReclaimable", counters.get("nr_slab_reclaimable"));
        put(kb, "SReclaimable", counters.get("nr_slab_reclaimable"));
        put(kb, "SUnreclaim", counters.get("nr_slab_unreclaimable"));
        put(kb, "PageTables", counters.get("nr_page_table_pages"));
        vmalloc(kb);
        return kb;
    }

    /** Pages of tasks and files. */
    private static void lists(Map<String, Long> kb, Map<String, Long> counters) {
        long activeAnon = counters.get("nr_active_anon");
        long inactiveAnon = counters.get("nr_inactive_anon");
        long activeFile = counters.get("nr_active_file");
        long inactiveFile = counters.get("nr_inactive_file");
        put(kb, "Active", activeAnon + activeFile);
        put(kb, "Inactive", inactiveAnon + inactiveFile);
        put(kb, "Active(anon)", activeAnon);
        put(kb, "Inactive(anon)", inactiveAnon);
        put(kb, "Active(file)", activeFile);
        put(kb, "Inactive(file)", inactiveFile);
        put(kb, "Unevictable", counters.get("nr_unevictable"));
        put(kb, "Mlocked", counters.get("nr_mlock"));
        put(kb, "Cached", counters.get("nr_file_pages") - counters.get("nr_swapcached"));
        put(kb, "SwapCached", counters.get("nr_swapcached"));
        put(kb, "Dirty", counters.get("nr_dirty"));
        put(kb, "Writeback", counters.get("nr_writeback"));
        put(kb, "AnonPages", counters.get("nr_anon_pages"));
        put(kb, "Mapped", counters.get("nr_mapped"));
    }

    /**
     * {@code si_mem_available()}: what can be had without swapping. Half of the cached files, or as much of them as the low watermarks, stay,
     * and so do objects.
     */
    private static long available(List<ZoneView> zones, Map<String, Long> counters, long free) {
        long low = 0;
        long reserve = 0;
        for (ZoneView zone : zones) {
            low += zone.low();
            long most =
                    zone.protection().stream().mapToLong(Long::longValue).max().orElse(0);
            reserve += Math.min(zone.managed(), most + zone.high());
        }
        long files = counters.get("nr_active_file") + counters.get("nr_inactive_file");
        long objects = counters.get("nr_slab_reclaimable");
        long available = free - reserve + files - Math.min(files / 2, low) + objects - Math.min(objects / 2, low);
        return Math.max(0, available);
    }

    private long overcommitRatio() {
        if (!machine.has(SimulatedMachine.PartKind.RECLAIM)) {
            return DEFAULT_OVERCOMMIT_RATIO;
        }
        return machine.reclaim().tunables().stream()
                .filter(tunable -> tunable.name().equals("overcommit_ratio"))
                .mapToLong(tunable -> Long.parseLong(tunable.value()))
                .findFirst()
                .orElse(DEFAULT_OVERCOMMIT_RATIO);
    }

    /**
     * {@code get_vmalloc_info()}: what lies outside of the space, such as the static mappings of ARM, does not count. Since 4.4 nothing is
     * summed up any more, since 5.3 the pages that vmalloc owns are.
     */
    private void vmalloc(Map<String, Long> kb) {
        AddressLayout layout = machine.layout();
        long span = layout.vmallocEnd() - layout.vmallocStart();
        kb.put("VmallocTotal", span / 1024);
        if (version().isAtLeast(4, 4)) {
            long pages = vmapAreas().stream()
                    .filter(area -> area.kind() == VmapAreaView.Kind.VMALLOC)
                    .mapToLong(VmapAreaView::pages)
                    .sum();
            kb.put("VmallocUsed", version().isAtLeast(5, 3) ? pages * KB_PER_PAGE : 0);
            kb.put("VmallocChunk", 0L);
            return;
        }
        long used = 0;
        long largestGap = 0;
        long end = layout.vmallocStart();
        for (VmapAreaView area : vmapAreas()) {
            if (area.start() >= layout.vmallocStart() && area.start() < layout.vmallocEnd()) {
                used += area.end() - area.start();
                largestGap = Math.max(largestGap, area.start() - end);
                end = Math.max(end, area.end());
            }
        }
        kb.put("VmallocUsed", used / 1024);
        kb.put("VmallocChunk", Math.max(largestGap, layout.vmallocEnd() - end) / 1024);
    }

    private static void put(Map<String, Long> kb, String name, long pages) {
        kb.put(name, pages * KB_PER_PAGE);
    }

    /** Counters in pages or events, by the names they have in vmstat: those of pages summed over the zones, and what reclaim counts. */
    private Map<String, Long> counters(List<ZoneView> zones) {
        Map<String, Long> values = new HashMap<>();
        for (ZoneView zone : zones) {
            Map<String, Long> statistics = zone.statistics();
            statistics.forEach((name, value) -> {
                if (name.startsWith("nr_")) {
                    values.merge(name, value, Long::sum);
                }
            });
            values.put("pgalloc_" + suffix(zone.type()), statistics.getOrDefault("pgalloc", 0L));
            values.put("pgfree", statistics.getOrDefault("pgfree", 0L));
        }
        values.putIfAbsent("nr_free_cma", 0L);
        if (machine.has(SimulatedMachine.PartKind.RECLAIM)) {
            machine.reclaim().counters().forEach(counter -> values.put(counter.name(), counter.value()));
        }
        return values;
    }

    private static String suffix(ZoneType type) {
        return type == ZoneType.HIGHMEM ? "high" : type.label().toLowerCase(Locale.ROOT);
    }

    @Override
    public List<CounterView> vmstat() {
        return machine.locked(() -> {
            List<ZoneView> zones = machine.pages().zones();
            Map<String, Long> values = counters(zones);
            List<CounterView> lines = new ArrayList<>();
            for (String name : fields.of("vmstat", version())) {
                if (name.endsWith("*")) {
                    for (ZoneView zone : zones) {
                        String full = name.substring(0, name.length() - 1) + suffix(zone.type());
                        lines.add(new CounterView(full, values.getOrDefault(full, 0L)));
                    }
                } else {
                    lines.add(new CounterView(name, values.getOrDefault(name, 0L)));
                }
            }
            return lines;
        });
    }

    @Override
    public List<KernelLog.Line> dmesg() {
        return machine.locked(() -> machine.log().lines());
    }
}

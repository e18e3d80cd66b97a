package org.kmemscope.capture.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.capture.NotCaptured;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.api.view.DmaMappingView;
import org.kmemscope.api.view.KmapView;
import org.kmemscope.api.view.ResourceView;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.api.view.Views;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.ZoneView;

/**
 * A report as a target: zones, free lists and the log. A report does not tell where a zone begins or what it spans: it begins at 0 and
 * spans what is present.
 */
final class ReportViews implements Views {
    private final Report report;
    private final Mask mask;
    private final List<KernelLog.Line> log;

    ReportViews(Report report, Mask mask, List<KernelLog.Line> log) {
        this.report = report;
        this.mask = mask;
        this.log = log;
    }

    @Override
    public KernelVersion version() {
        return mask.version();
    }

    @Override
    public List<ZoneView> zones() {
        List<ZoneView> views = new ArrayList<>();
        for (ZoneType type : report.zoneTypes()) {
            List<ReportedZone> reported =
                    report.zones().stream().filter(zone -> zone.type() == type).toList();
            int index = report.zoneTypes().indexOf(type);
            reported.forEach(zone -> views.add(view(zone, index)));
            if (reported.isEmpty()) {
                views.add(empty(type, index));
            }
        }
        return views;
    }

    private ZoneView empty(ZoneType type, int index) {
        List<Long> none = Collections.nCopies(report.zoneTypes().size(), 0L);
        return new ZoneView(
                index, type, 0, 0, 0, 0, 0, 0, 0, 0, 0, none, 0, -1, 0, 0, List.of(), Map.of(), Map.of(), 0, List.of(),
                Map.of());
    }

    private ZoneView view(ReportedZone zone, int index) {
        long boost = zone.pages("boost");
        Map<String, Long> statistics = new LinkedHashMap<>();
        statistics.put("nr_free_pages", zone.pages("free"));
        zone.kb().keySet().stream()
                .filter(name -> !List.of("free", "min", "low", "high", "boost", "present", "managed")
                        .contains(name))
                .forEach(name -> statistics.put(counter(name), zone.pages(name)));
        long present = zone.kb().containsKey("present") ? zone.pages("present") : zone.pages("free");
        return new ZoneView(
                index,
                zone.type(),
                0,
                present,
                present,
                zone.kb().containsKey("managed") ? zone.pages("managed") : present,
                zone.pages("free"),
                zone.pages("min") - boost,
                zone.pages("low") - boost,
                zone.pages("high") - boost,
                boost,
                zone.reserve(),
                zone.pages("reserved_highatomic"),
                zone.kb().containsKey("free_cma") && zone.freeCma() > 0 ? zone.freeCma() : -1,
                zone.freeCma(),
                0,
                zone.blocks(),
                Map.of(),
                Map.of(),
                0,
                zone.pageSets(),
                statistics);
    }

    private static String counter(String name) {
        return "nr_" + name.replace("(", "_").replace(")", "");
    }

    @Override
    public List<CounterView> nodeStatistics() {
        return report.totals().entrySet().stream()
                .map(entry -> new CounterView(counter(entry.getKey()), entry.getValue()))
                .toList();
    }

    @Override
    public List<String> migrateTypes() {
        return mask.table().migrateTypes().byIndex().stream()
                .map(MigrateType::label)
                .toList();
    }

    @Override
    public List<KernelLog.Line> dmesg() {
        return log;
    }

    @Override
    public AddressLayout layout() {
        throw missing("the address space");
    }

    @Override
    public List<SlabCacheView> slabCaches() {
        throw missing("caches of objects");
    }

    @Override
    public List<VmapAreaView> vmapAreas() {
        throw missing("areas of the vmalloc space");
    }

    @Override
    public List<KmapView> kmaps() {
        throw missing("windows onto high memory");
    }

    @Override
    public List<DmaMappingView> dmaMappings() {
        throw missing("DMA mappings");
    }

    @Override
    public List<ResourceView> iomem() {
        throw missing("the physical memory map");
    }

    @Override
    public List<CounterView> meminfo() {
        throw missing("meminfo");
    }

    @Override
    public List<CounterView> vmstat() {
        throw missing("vmstat");
    }

    private static NotCaptured missing(String what) {
        return new NotCaptured("a failure report in a log does not tell " + what);
    }
}

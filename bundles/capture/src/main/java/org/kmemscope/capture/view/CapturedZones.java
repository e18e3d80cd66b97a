package org.kmemscope.capture.view;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.kmemscope.api.capture.NotCaptured;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.capture.file.BuddyInfo;
import org.kmemscope.capture.file.CaptureFiles;
import org.kmemscope.capture.file.Counters;
import org.kmemscope.capture.file.FileKind;
import org.kmemscope.capture.file.OracleConst;
import org.kmemscope.capture.file.OracleZones;
import org.kmemscope.capture.file.PageTypeInfo;
import org.kmemscope.capture.file.PageTypeInfoReader;
import org.kmemscope.capture.file.ZoneInfo;
import org.kmemscope.capture.file.ZoneInfoReader;
import org.kmemscope.capture.file.ZoneKey;

/**
 * The zones of a capture, put together from {@code zoneinfo} (or what a module read), {@code buddyinfo} and {@code pagetypeinfo}.
 *
 * <p>Kernels before 3.8 do not print {@code managed}; {@code present} stands for it then. The min watermark is printed with the boost,
 * which is taken off again. Zones of further memory nodes follow those of the first.
 */
public final class CapturedZones {
    private static final int KB_PER_PAGE = 4;

    private final CaptureFiles files;
    private final boolean wide;
    private final Optional<ZoneInfo> zoneInfo;
    private final Optional<List<ZoneInfo.Zone>> oracle;
    private final Optional<BuddyInfo> buddyInfo;
    private final Optional<PageTypeInfo> pageTypes;
    private final Optional<List<String>> migrateTypes;
    private final int pageblockOrder;
    private final boolean hasCma;

    /**
     * Reads the files that are there.
     *
     * @param wide whether it is a 64-bit kernel
     */
    public CapturedZones(CaptureFiles files, boolean wide) {
        this.files = files;
        this.wide = wide;
        zoneInfo = files.find(FileKind.ZONEINFO).map(ZoneInfoReader::read);
        oracle = files.find(FileKind.ORACLE_ZONES).map(OracleZones::read);
        buddyInfo = files.find(FileKind.BUDDYINFO).map(BuddyInfo::read);
        pageTypes = files.find(FileKind.PAGETYPEINFO).map(PageTypeInfoReader::read);
        Optional<OracleConst> constants = files.find(FileKind.ORACLE_CONST).map(OracleConst::read);
        migrateTypes = pageTypes
                .map(PageTypeInfo::types)
                .or(() -> constants.map(OracleConst::migrateTypes).filter(types -> !types.isEmpty()));
        pageblockOrder = pageTypes
                .map(PageTypeInfo::pageblockOrder)
                .or(() -> constants.flatMap(told -> told.get("pageblock_order")).map(Math::toIntExact))
                .or(this::hugePageOrder)
                .orElse(largestOrder());
        hasCma = migrateTypes
                .map(types -> types.contains(MigrateType.CMA.label()))
                .orElseGet(this::countsCma);
    }

    /** What {@code zoneinfo} says of the node as a whole. */
    public List<CounterView> nodeStatistics() {
        return zoneInfo.map(ZoneInfo::nodeStatistics).orElseThrow(this::missing);
    }

    private NotCaptured missing() {
        return new NotCaptured(files.name() + " has no " + FileKind.ZONEINFO.usual() + ", which tells: "
                + FileKind.ZONEINFO.question());
    }

    /** Free blocks by migrate type, if they are known. */
    public Optional<PageTypeInfo> pageTypes() {
        return pageTypes;
    }

    /** Free blocks by order, if they are known. */
    public Optional<BuddyInfo> buddyInfo() {
        return buddyInfo;
    }

    /** The zones of {@code oracle-zones.txt}, if it is there. */
    public Optional<List<ZoneView>> oracle() {
        return oracle.map(zones -> views(zones, false));
    }

    /**
     * The zones by index, empty ones included.
     *
     * @throws NotCaptured if no file tells of them
     */
    public List<ZoneView> zones() {
        List<ZoneInfo.Zone> printed =
                zoneInfo.map(ZoneInfo::zones).or(() -> oracle).orElseThrow(this::missing);
        return views(printed, zoneInfo.isPresent());
    }

    private List<ZoneView> views(List<ZoneInfo.Zone> printed, boolean withLists) {
        Set<ZoneType> types = new LinkedHashSet<>();
        Set<Integer> nodes = new LinkedHashSet<>();
        for (ZoneInfo.Zone zone : printed) {
            ZoneList.named(zone.key().zone()).ifPresent(types::add);
            nodes.add(zone.key().node());
        }
        int count = printed.get(0).protection().size();
        List<ZoneType> all = ZoneList.complete(types, count, wide);
        List<ZoneView> views = new ArrayList<>();
        for (int node : nodes) {
            for (ZoneType type : all) {
                ZoneKey key = new ZoneKey(node, type.label());
                Optional<ZoneInfo.Zone> zone =
                        printed.stream().filter(some -> some.key().equals(key)).findFirst();
                if (node == 0 || zone.isPresent()) {
                    views.add(zone.map(some -> view(some, all.indexOf(type), type, withLists))
                            .orElseGet(() -> empty(all.indexOf(type), type, count)));
                }
            }
        }
        return views;
    }

    private ZoneView empty(int index, ZoneType type, int zones) {
        List<Long> none = Collections.nCopies(zones, 0L);
        return new ZoneView(
                index,
                type,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                none,
                0,
                hasCma ? 0 : -1,
                0,
                0,
                noBlocks(),
                Map.of(),
                Map.of(),
                pageblockOrder,
                List.of(),
                Map.of());
    }

    private ZoneView view(ZoneInfo.Zone zone, int index, ZoneType type, boolean withLists) {
        boolean populated = zone.size("present") > 0;
        long boost = zone.size("boost");
        Map<String, List<Long>> byType = withLists && populated ? freeByType(zone.key()) : Map.of();
        Map<String, Long> blocks = withLists && populated
                ? pageTypes
                        .map(PageTypeInfo::blocks)
                        .map(all -> all.get(zone.key()))
                        .orElse(Map.of())
                : Map.of();
        return new ZoneView(
                index,
                type,
                populated ? zone.startPfn() : 0,
                zone.size("spanned"),
                zone.size("present"),
                zone.sizes().containsKey("managed") ? zone.size("managed") : zone.size("present"),
                zone.size("free"),
                // what a module read has the boost beside it, what zoneinfo prints has it included
                zone.size("min") - (withLists ? boost : 0),
                zone.size("low") - (withLists ? boost : 0),
                zone.size("high") - (withLists ? boost : 0),
                boost,
                zone.protection(),
                highatomic(zone, blocks),
                cma(zone, blocks),
                zone.statistics().getOrDefault("nr_free_cma", 0L),
                zone.threshold(),
                withLists && populated ? freeBlocks(zone.key(), byType) : noBlocks(),
                byType,
                blocks,
                pageblockOrder,
                zone.pageSets(),
                zone.statistics());
    }

    private List<Long> noBlocks() {
        return buddyInfo.map(info -> Collections.nCopies(info.orders(), 0L)).orElse(List.of());
    }

    private List<Long> freeBlocks(ZoneKey key, Map<String, List<Long>> byType) {
        List<Long> row =
                buddyInfo.map(BuddyInfo::blocks).map(all -> all.get(key)).orElse(List.of());
        if (!row.isEmpty() || byType.isEmpty()) {
            return row;
        }
        List<Long> sums = new ArrayList<>();
        int orders = byType.values().iterator().next().size();
        for (int i = 0; i < orders; i++) {
            int order = i;
            sums.add(byType.values().stream()
                    .mapToLong(counts -> counts.get(order))
                    .sum());
        }
        return sums;
    }

    private Map<String, List<Long>> freeByType(ZoneKey key) {
        return pageTypes.map(PageTypeInfo::free).map(all -> all.get(key)).orElse(Map.of());
    }

    private long highatomic(ZoneInfo.Zone zone, Map<String, Long> blocks) {
        return zone.sizes().containsKey("highatomic")
                ? zone.size("highatomic")
                : blocks.getOrDefault(MigrateType.HIGHATOMIC.label(), 0L) << pageblockOrder;
    }

    /** {@code cma} is printed since 5.8, with and without CONFIG_CMA; before, the pageblocks of that type tell. */
    private long cma(ZoneInfo.Zone zone, Map<String, Long> blocks) {
        if (!hasCma) {
            return -1;
        }
        return zone.sizes().containsKey("cma")
                ? zone.size("cma")
                : blocks.getOrDefault(MigrateType.CMA.label(), 0L) << pageblockOrder;
    }

    /** A kernel that does not name its migrate types has contiguous areas if it counts their pages. */
    private boolean countsCma() {
        return zoneInfo.stream().flatMap(info -> info.zones().stream()).anyMatch(zone -> zone.statistics()
                .containsKey("nr_free_cma"));
    }

    /** Names of the migrate types by their numbers, if a file tells. */
    public Optional<List<String>> migrateTypes() {
        return migrateTypes;
    }

    /**
     * {@code pageblock_order}: as it is told, else the size of a huge page, else the largest block, which it is in kernels without huge
     * pages; 0 if nothing at all is known.
     */
    public int pageblockOrder() {
        return pageblockOrder;
    }

    private int largestOrder() {
        return buddyInfo.map(info -> info.orders() - 1).orElse(0);
    }

    private Optional<Integer> hugePageOrder() {
        List<CounterView> meminfo =
                files.find(FileKind.MEMINFO).map(Counters::meminfo).orElse(List.of());
        return meminfo.stream()
                .filter(counter -> counter.name().equals("Hugepagesize"))
                .findFirst()
                .map(counter -> 63 - Long.numberOfLeadingZeros(Math.max(1, counter.value() / KB_PER_PAGE)))
                .filter(order -> order <= largestOrder());
    }
}

package org.kmemscope.machine.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.MemoryRegion.Kind;
import org.kmemscope.api.ground.Sizes;

/**
 * A memory map written out in the profile: {@code [{"start": "0x40000000", "size": "1024M"}, ...]}.
 *
 * <p>With another {@code mem=}, the machine gets smaller chips, or a larger one at the end: RAM is cut from the top, or the last range
 * of RAM grows, unless something else is in its way.
 */
final class MemoryList implements MemoryMap {
    private static final List<String> KEYS = List.of("start", "size", "end", "kind", "name");
    private static final List<String> KINDS = List.of("ram", "reserved", "device");

    private final List<MemoryRegion> regions;

    private MemoryList(List<MemoryRegion> regions) {
        this.regions = List.copyOf(regions);
    }

    /** Reads and checks the list. */
    static MemoryList read(List<Node> items, Problems problems) {
        List<MemoryRegion> regions = new ArrayList<>();
        for (Node item : items) {
            MemoryRegion region = readOne(item, problems);
            for (int i = 0; i < regions.size(); i++) {
                MemoryRegion other = regions.get(i);
                if (region.start() < other.end() && other.start() < region.end()) {
                    problems.at(item, "%s overlaps memory[%d], %s", range(region), i, range(other));
                }
            }
            regions.add(region);
        }
        regions.sort(Comparator.comparingLong(MemoryRegion::start));
        return new MemoryList(regions);
    }

    private static MemoryRegion readOne(Node item, Problems problems) {
        Fields fields = new Fields(item, problems, KEYS);
        String kind = fields.has("kind") ? fields.choice("kind", KINDS) : KINDS.get(0);
        boolean whole = !kind.equals("device");
        fields.require("start");
        long start = whole ? fields.pages("start", 0) : fields.bytes("start", 0);
        if (fields.has("size") == fields.has("end")) {
            problems.at(item, "needs either 'size' or 'end'");
        }
        long size = whole ? fields.pages("size", 0) : fields.bytes("size", 0);
        long end = whole ? fields.pages("end", start + size) : fields.bytes("end", start + size);
        if (end <= start && (fields.has("size") || fields.has("end"))) {
            problems.at(item, "it is empty: 0x%x to 0x%x", start, end);
        }
        String name = fields.text("name", kind.equals("ram") ? MemoryRule.SYSTEM_RAM : kind);
        return new MemoryRegion(start, end, Kind.valueOf(kind.toUpperCase(Locale.ROOT)), name);
    }

    @Override
    public long defaultSize() {
        return regions.stream()
                .filter(region -> region.kind() == Kind.RAM)
                .mapToLong(MemoryRegion::size)
                .sum();
    }

    @Override
    public List<MemoryRegion> regions(long size) {
        List<MemoryRegion> map = new ArrayList<>();
        long left = size;
        for (MemoryRegion region : regions) {
            if (region.kind() != Kind.RAM) {
                map.add(region);
            } else if (left > 0) {
                long part = isLastRam(region) ? left : Math.min(left, region.size());
                map.add(new MemoryRegion(region.start(), region.start() + part, Kind.RAM, region.name()));
                left -= part;
            }
        }
        Optional<MemoryRegion> inTheWay = inTheWay(map);
        if (inTheWay.isPresent()) {
            throw new IllegalArgumentException(String.format(
                    "the profile describes %s of RAM, and %s (%s) is in the way of more",
                    Sizes.format(defaultSize()), inTheWay.get().name(), range(inTheWay.get())));
        }
        return map;
    }

    private boolean isLastRam(MemoryRegion region) {
        return regions.stream().noneMatch(other -> other.kind() == Kind.RAM && other.start() > region.start());
    }

    private static Optional<MemoryRegion> inTheWay(List<MemoryRegion> map) {
        for (int i = 1; i < map.size(); i++) {
            if (map.get(i).start() < map.get(i - 1).end()) {
                return Optional.of(map.get(i));
            }
        }
        return Optional.empty();
    }

    /** A range as {@code /proc/iomem} prints it, its last byte included. */
    static String range(MemoryRegion region) {
        return range(region.start(), region.end());
    }

    /** A range as {@code /proc/iomem} prints it. */
    static String range(long start, long end) {
        return String.format("%08x-%08x", start, end - 1);
    }
}

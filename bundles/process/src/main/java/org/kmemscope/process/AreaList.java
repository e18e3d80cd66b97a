package org.kmemscope.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/** The areas of a process by address: they never overlap, and those that are alike are one where they touch ({@code mm_struct}). */
final class AreaList {
    private final TreeMap<Long, Area> byStart = new TreeMap<>();

    List<Area> all() {
        return List.copyOf(byStart.values());
    }

    /** {@code find_vma()}, if the address lies in it. */
    Optional<Area> at(long virt) {
        return Optional.ofNullable(byStart.floorEntry(virt))
                .map(Map.Entry::getValue)
                .filter(area -> area.contains(virt));
    }

    /** The first area that begins behind an address. */
    Optional<Area> behind(long virt) {
        return Optional.ofNullable(byStart.higherEntry(virt)).map(Map.Entry::getValue);
    }

    boolean isFree(long from, long to) {
        Map.Entry<Long, Area> below = byStart.lowerEntry(to);
        return below == null || !below.getValue().overlaps(from, to);
    }

    /** Adds an area, which must be free, and joins it with its neighbours. */
    void add(Area area) {
        Area joined = area;
        Map.Entry<Long, Area> before = byStart.lowerEntry(area.start());
        if (before != null
                && before.getValue().end() == area.start()
                && before.getValue().isLike(area)) {
            joined = joined.withRange(before.getKey(), joined.end());
        }
        Area after = byStart.get(area.end());
        if (after != null && after.isLike(area)) {
            byStart.remove(after.start());
            joined = joined.withRange(joined.start(), after.end());
        }
        byStart.put(joined.start(), joined);
    }

    /** Takes a range out, and splits what reaches beyond it; the parts that were taken out. */
    List<Area> remove(long from, long to) {
        List<Area> taken = new ArrayList<>();
        for (Area area : all()) {
            if (!area.overlaps(from, to)) {
                continue;
            }
            byStart.remove(area.start());
            if (area.start() < from) {
                byStart.put(area.start(), area.withRange(area.start(), from));
            }
            if (area.end() > to) {
                byStart.put(to, area.withRange(to, area.end()));
            }
            taken.add(area.withRange(Math.max(area.start(), from), Math.min(area.end(), to)));
        }
        return taken;
    }

    /** Sets where an area begins. */
    void moveStart(Area area, long start) {
        byStart.remove(area.start());
        byStart.put(start, area.withRange(start, area.end()));
    }

    /** The highest range that is free below a limit; -1 if there is none. */
    long highestFree(long bytes, long least, long limit) {
        long end = limit;
        for (Area area : byStart.descendingMap().values()) {
            if (area.start() >= end) {
                continue;
            }
            if (area.end() <= end - bytes) {
                break;
            }
            end = area.start();
        }
        return end - bytes >= least ? end - bytes : -1;
    }

    /** The lowest range that is free from an address on; -1 if there is none below a limit. */
    long lowestFree(long bytes, long from, long limit) {
        long start = from;
        for (Area area : byStart.values()) {
            if (area.end() <= start) {
                continue;
            }
            if (area.start() >= start + bytes) {
                break;
            }
            start = area.end();
        }
        return start + bytes <= limit ? start : -1;
    }

    /** Bytes of all areas. */
    long size() {
        return byStart.values().stream().mapToLong(Area::size).sum();
    }

    void copyFrom(AreaList other) {
        byStart.putAll(other.byStart);
    }

    void save(StateWriter out) {
        out.putInt(byStart.size());
        for (Area area : byStart.values()) {
            out.putLong(area.start());
            out.putLong(area.end());
            out.putBoolean(area.writable());
            out.putInt(area.kind().ordinal());
        }
    }

    void restore(StateReader in) {
        byStart.clear();
        for (int i = in.getInt(); i > 0; i--) {
            Area area = new Area(in.getLong(), in.getLong(), in.getBoolean(), Area.Kind.values()[in.getInt()]);
            byStart.put(area.start(), area);
        }
    }
}

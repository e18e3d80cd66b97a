package org.kmemscope.physmem;

import java.util.Arrays;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/** {@code mem_map} as a structure of arrays: one {@link IntColumn} for each word of {@code struct page}. */
final class FrameColumns implements PageFrames {
    private final int firstPfn;
    private final int endPfn;
    private final IntColumn flags;
    private final IntColumn counts;
    private final IntColumn mapCounts;
    private final IntColumn privates;
    private final IntColumn nexts;
    private final IntColumn prevs;
    private final IntColumn owners;
    private final IntColumn mappings;
    private final IntColumn indexes;
    private final IntColumn[] columns;
    private final int pageblockOrder;
    private int[] zoneStart = {};
    private int[] zoneEnd = {};
    /** Types of pageblocks by zone: two zones that share a pageblock each have a type for their part of it. */
    private byte[][] blockTypes = {};

    FrameColumns(int firstPfn, int endPfn, int pageblockOrder) {
        if (firstPfn < 0 || endPfn <= firstPfn) {
            throw new IllegalArgumentException("no frames between " + firstPfn + " and " + endPfn);
        }
        this.firstPfn = firstPfn;
        this.endPfn = endPfn;
        this.pageblockOrder = pageblockOrder;
        int length = endPfn - firstPfn;
        flags = new IntColumn(length);
        counts = new IntColumn(length);
        mapCounts = new IntColumn(length);
        privates = new IntColumn(length);
        nexts = new IntColumn(length);
        prevs = new IntColumn(length);
        owners = new IntColumn(length);
        mappings = new IntColumn(length);
        indexes = new IntColumn(length);
        columns = new IntColumn[] {flags, counts, mapCounts, privates, nexts, prevs, owners, mappings, indexes};
    }

    private int row(int pfn) {
        if (pfn < firstPfn || pfn >= endPfn) {
            throw new IndexOutOfBoundsException(String.format(
                    "pfn 0x%x is outside of mem_map, which holds 0x%x to 0x%x", pfn, firstPfn, endPfn - 1));
        }
        return pfn - firstPfn;
    }

    @Override
    public int firstPfn() {
        return firstPfn;
    }

    @Override
    public int endPfn() {
        return endPfn;
    }

    @Override
    public int flags(int pfn) {
        return flags.get(row(pfn));
    }

    @Override
    public void setFlags(int pfn, int bits) {
        flags.set(row(pfn), bits);
    }

    @Override
    public int count(int pfn) {
        return counts.get(row(pfn));
    }

    @Override
    public void setCount(int pfn, int count) {
        counts.set(row(pfn), count);
    }

    @Override
    public int mapCount(int pfn) {
        return mapCounts.get(row(pfn));
    }

    @Override
    public void setMapCount(int pfn, int count) {
        mapCounts.set(row(pfn), count);
    }

    @Override
    public int privateData(int pfn) {
        return privates.get(row(pfn));
    }

    @Override
    public void setPrivateData(int pfn, int value) {
        privates.set(row(pfn), value);
    }

    @Override
    public int next(int pfn) {
        return nexts.get(row(pfn));
    }

    @Override
    public void setNext(int pfn, int value) {
        nexts.set(row(pfn), value);
    }

    @Override
    public int prev(int pfn) {
        return prevs.get(row(pfn));
    }

    @Override
    public void setPrev(int pfn, int value) {
        prevs.set(row(pfn), value);
    }

    @Override
    public int owner(int pfn) {
        return owners.get(row(pfn));
    }

    @Override
    public void setOwner(int pfn, int callSite) {
        owners.set(row(pfn), callSite);
    }

    @Override
    public int mapping(int pfn) {
        return mappings.get(row(pfn));
    }

    @Override
    public void setMapping(int pfn, int mapping) {
        mappings.set(row(pfn), mapping);
    }

    @Override
    public int index(int pfn) {
        return indexes.get(row(pfn));
    }

    @Override
    public void setIndex(int pfn, int index) {
        indexes.set(row(pfn), index);
    }

    @Override
    public int pageblockOrder() {
        return pageblockOrder;
    }

    @Override
    public int blockType(int pfn) {
        int zone = zone(pfn);
        return zone < 0 ? 0 : blockTypes[zone][block(zone, pfn)];
    }

    @Override
    public void setBlockType(int pfn, int migratetype) {
        int zone = zone(pfn);
        if (zone >= 0) {
            blockTypes[zone][block(zone, pfn)] = (byte) migratetype;
        }
    }

    private int block(int zone, int pfn) {
        return (pfn >>> pageblockOrder) - (zoneStart[zone] >>> pageblockOrder);
    }

    @Override
    public int zone(int pfn) {
        for (int zone = 0; zone < zoneStart.length; zone++) {
            if (pfn >= zoneStart[zone] && pfn < zoneEnd[zone]) {
                return zone;
            }
        }
        return NONE;
    }

    @Override
    public void assignZone(int zone, int startPfn, int end) {
        if (zone >= zoneStart.length) {
            zoneStart = Arrays.copyOf(zoneStart, zone + 1);
            zoneEnd = Arrays.copyOf(zoneEnd, zone + 1);
            blockTypes = Arrays.copyOf(blockTypes, zone + 1);
        }
        zoneStart[zone] = startPfn;
        zoneEnd[zone] = end;
        blockTypes[zone] = new byte[((end - 1) >>> pageblockOrder) - (startPfn >>> pageblockOrder) + 1];
    }

    @Override
    public void save(StateWriter out) {
        for (IntColumn column : columns) {
            out.putShared(column.share());
        }
        out.putInts(zoneStart);
        out.putInts(zoneEnd);
        for (byte[] types : blockTypes) {
            out.putBytes(types == null ? new byte[0] : types);
        }
    }

    @Override
    public void restore(StateReader in) {
        for (IntColumn column : columns) {
            column.take(in.getShared(IntColumn.Snapshot.class));
        }
        zoneStart = in.getInts();
        zoneEnd = in.getInts();
        blockTypes = new byte[zoneStart.length][];
        for (int zone = 0; zone < blockTypes.length; zone++) {
            blockTypes[zone] = in.getBytes();
        }
    }
}

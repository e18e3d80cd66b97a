package org.kmemscope.vmalloc;

import java.util.Arrays;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.view.VmapAreaView.Kind;

/**
 * {@code struct vm_struct} of every area from vmalloc, vmap and ioremap, as a structure of arrays. An area keeps its number as long
 * as it lives. What vm_map_ram hands out has none.
 */
final class VmStructs implements Stateful {
    static final int NONE = -1;

    /** The array of pages lies in a vmalloc area of its own ({@code VM_VPAGES}). */
    static final int VPAGES = 1;

    /** Taken over from a record: what is mapped there is not known. */
    static final int UNKNOWN = 2;

    private static final int FIRST_CAPACITY = 32;
    private static final Kind[] KINDS = Kind.values();

    /** By address; the word of a range is the area's number. */
    private final RangeList order = new RangeList();

    private int[] kinds = new int[FIRST_CAPACITY];
    private int[] pages = new int[FIRST_CAPACITY];
    private int[] flags = new int[FIRST_CAPACITY];
    private int[] callers = new int[FIRST_CAPACITY];
    private long[] starts = new long[FIRST_CAPACITY];
    private long[] ends = new long[FIRST_CAPACITY];
    private long[] phys = new long[FIRST_CAPACITY];
    private long[] arrays = new long[FIRST_CAPACITY];
    private long[] objects = new long[FIRST_CAPACITY];
    private int[] unused = new int[FIRST_CAPACITY];
    private int unusedCount;
    /** Numbers from here on were never used. */
    private int fresh;

    /**
     * Adds an area.
     *
     * @param end one past the guard page
     * @param object address of the descriptor
     * @return its number
     */
    int add(long start, long end, Kind kind, int caller, long object) {
        int area = unusedCount > 0 ? unused[--unusedCount] : fresh++;
        if (area == kinds.length) {
            grow(2 * area);
        }
        starts[area] = start;
        ends[area] = end;
        kinds[area] = kind.ordinal();
        pages[area] = 0;
        flags[area] = 0;
        callers[area] = caller;
        phys[area] = -1;
        arrays[area] = 0;
        objects[area] = object;
        order.add(start, end, area);
        return area;
    }

    private void grow(int capacity) {
        kinds = Arrays.copyOf(kinds, capacity);
        pages = Arrays.copyOf(pages, capacity);
        flags = Arrays.copyOf(flags, capacity);
        callers = Arrays.copyOf(callers, capacity);
        starts = Arrays.copyOf(starts, capacity);
        ends = Arrays.copyOf(ends, capacity);
        phys = Arrays.copyOf(phys, capacity);
        arrays = Arrays.copyOf(arrays, capacity);
        objects = Arrays.copyOf(objects, capacity);
        unused = Arrays.copyOf(unused, capacity);
    }

    void remove(int area) {
        order.remove(order.startingAt(starts[area]));
        unused[unusedCount++] = area;
    }

    int count() {
        return order.size();
    }

    /** The area at a place in the order of addresses. */
    int at(int index) {
        return (int) order.value(index);
    }

    /** The area that starts at an address, or {@link #NONE}. */
    int startingAt(long address) {
        int index = order.startingAt(address);
        return index < 0 ? NONE : at(index);
    }

    /** The area that contains an address, guard page included, or {@link #NONE}. */
    int containing(long address) {
        int index = order.containing(address);
        return index < 0 ? NONE : at(index);
    }

    /** The lowest area of a kind and size of which it is not known what is mapped there, and whose owner is now found; or {@link #NONE}. */
    int adopt(Kind kind, int count) {
        for (int i = 0; i < order.size(); i++) {
            int area = at(i);
            boolean fits = ends[area] - starts[area] == (count + 1L) * Profile.PAGE_SIZE;
            if (fits && is(area, UNKNOWN) && kind(area) == kind) {
                flags[area] &= ~UNKNOWN;
                return area;
            }
        }
        return NONE;
    }

    long start(int area) {
        return starts[area];
    }

    long end(int area) {
        return ends[area];
    }

    Kind kind(int area) {
        return KINDS[kinds[area]];
    }

    /** Pages it owns or maps. */
    int pages(int area) {
        return pages[area];
    }

    void setPages(int area, int count) {
        pages[area] = count;
    }

    boolean is(int area, int flag) {
        return (flags[area] & flag) != 0;
    }

    void set(int area, int flag) {
        flags[area] |= flag;
    }

    int caller(int area) {
        return callers[area];
    }

    /** Physical address of a device mapping, or -1. */
    long phys(int area) {
        return phys[area];
    }

    void setPhys(int area, long address) {
        phys[area] = address;
    }

    /** Virtual address of the array that lists its pages, or 0. */
    long array(int area) {
        return arrays[area];
    }

    void setArray(int area, long address) {
        arrays[area] = address;
    }

    /** Virtual address of the descriptor. */
    long object(int area) {
        return objects[area];
    }

    @Override
    public void save(StateWriter out) {
        order.save(out);
        out.putInts(Arrays.copyOf(unused, unusedCount));
        for (int[] column : new int[][] {kinds, pages, flags, callers}) {
            out.putInts(Arrays.copyOf(column, fresh));
        }
        for (long[] column : new long[][] {starts, ends, phys, arrays, objects}) {
            out.putLongs(Arrays.copyOf(column, fresh));
        }
    }

    @Override
    public void restore(StateReader in) {
        order.restore(in);
        int[] savedUnused = in.getInts();
        kinds = in.getInts();
        pages = in.getInts();
        flags = in.getInts();
        callers = in.getInts();
        starts = in.getLongs();
        ends = in.getLongs();
        phys = in.getLongs();
        arrays = in.getLongs();
        objects = in.getLongs();
        fresh = kinds.length;
        unusedCount = savedUnused.length;
        unused = savedUnused;
        grow(Math.max(fresh, FIRST_CAPACITY));
    }
}

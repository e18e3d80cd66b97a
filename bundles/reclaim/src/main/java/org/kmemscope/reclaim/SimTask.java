package org.kmemscope.reclaim;

import java.util.Arrays;
import java.util.BitSet;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/** A simulated task: its anonymous memory, page by page ({@code mm_struct} and its page tables in one). */
final class SimTask {
    private static final int FIRST_ROOM = 64;

    final int id;
    final int pid;
    final int uid;
    final String comm;
    final long start;
    int oomAdjust;
    boolean locked;
    /** Pages mapped. */
    int size;
    /** By page: a frame plus one, or minus a slot of swap; 0 where nothing is. */
    int[] table = new int[FIRST_ROOM];
    /** Accessed bits of the page-table entries. */
    BitSet young = new BitSet();
    /** Frames that hold the page tables. */
    int[] tables = {};

    int resident;
    int swapped;

    SimTask(int id, int pid, int uid, String comm, long start) {
        this.id = id;
        this.pid = pid;
        this.uid = uid;
        this.comm = comm;
        this.start = start;
    }

    void grow(int pages) {
        size += pages;
        if (size > table.length) {
            table = Arrays.copyOf(table, Math.max(size, table.length * 2));
        }
    }

    void addTable(int pfn) {
        tables = Arrays.copyOf(tables, tables.length + 1);
        tables[tables.length - 1] = pfn;
    }

    void save(StateWriter out) {
        out.putInts(new int[] {id, pid, uid, oomAdjust, size, resident, swapped});
        out.putString(comm);
        out.putLong(start);
        out.putBoolean(locked);
        out.putInts(Arrays.copyOf(table, size));
        out.putLongs(young.toLongArray());
        out.putInts(tables);
    }

    static SimTask read(StateReader in) {
        int[] values = in.getInts();
        SimTask task = new SimTask(values[0], values[1], values[2], in.getString(), in.getLong());
        task.oomAdjust = values[3];
        task.size = values[4];
        task.resident = values[5];
        task.swapped = values[6];
        task.locked = in.getBoolean();
        task.table = Arrays.copyOf(in.getInts(), Math.max(task.size, FIRST_ROOM));
        task.young = BitSet.valueOf(in.getLongs());
        task.tables = in.getInts();
        return task;
    }
}

package org.kmemscope.process;

import java.util.ArrayDeque;
import java.util.Deque;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.UserTables;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/** A process ({@code task_struct} and {@code mm_struct} in one). Its page tables are in RAM. */
final class Process {
    final int pid;
    final int uid;
    final String comm;
    final long start;
    /** What it shares with those it was copied from and to: whose pages may be mapped by it ({@code anon_vma}). */
    final int family;

    final UserTables tables;
    final AreaList areas = new AreaList();
    final UserHeap heap = new UserHeap();
    /** Ranges that were touched without telling where, the last one first: address and bytes. */
    final Deque<long[]> touched = new ArrayDeque<>();

    int oomAdjust;
    boolean locked;
    /** End of the heap as {@code brk()} was told it. */
    long brk;
    /** Pages in memory; the page of zeros does not count. */
    long resident;
    /** Pages in swap. */
    long swapped;

    Process(int pid, int uid, String comm, long start, int family, UserTables tables) {
        this.pid = pid;
        this.uid = uid;
        this.comm = comm;
        this.start = start;
        this.family = family;
        this.tables = tables;
    }

    long totalPages() {
        return areas.size() >>> Profile.PAGE_SHIFT;
    }

    void save(StateWriter out) {
        out.putInts(new int[] {pid, uid, family, oomAdjust});
        out.putString(comm);
        out.putLongs(new long[] {start, tables.top(), brk, resident, swapped});
        out.putBoolean(locked);
        areas.save(out);
        heap.save(out);
        out.putInt(touched.size());
        touched.forEach(out::putLongs);
    }

    static Process read(StateReader in, Basis basis) {
        int[] numbers = in.getInts();
        String comm = in.getString();
        long[] values = in.getLongs();
        UserTables tables = basis.floor.mmu().userTables(values[1], basis.rules.taskSize(), basis.tables);
        Process process = new Process(numbers[0], numbers[1], comm, values[0], numbers[2], tables);
        process.oomAdjust = numbers[3];
        process.brk = values[2];
        process.resident = values[3];
        process.swapped = values[4];
        process.locked = in.getBoolean();
        process.areas.restore(in);
        process.heap.restore(in);
        for (int i = in.getInt(); i > 0; i--) {
            process.touched.addLast(in.getLongs());
        }
        return process;
    }
}

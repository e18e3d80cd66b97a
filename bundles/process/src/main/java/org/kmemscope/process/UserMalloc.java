package org.kmemscope.process;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.process.Processes;

/** {@code malloc()} of the GNU C library, with its sizes: what is asked for in one piece of 128 KiB or more is an area of its own. */
final class UserMalloc {
    /** {@code M_MMAP_THRESHOLD}. */
    private static final long MMAP_THRESHOLD = 128L << 10;
    /** {@code M_TOP_PAD}: what the heap grows by beside what is needed. */
    private static final long TOP_PAD = 128L << 10;

    private static final int SIZE_AT = 4;
    private static final int IN_USE = 1;
    private static final int IS_MMAPPED = 2;
    private static final int FLAGS = 7;

    private final Processes processes;
    private final UserHeap heap;
    private final int pid;

    UserMalloc(Processes processes, UserHeap heap, int pid) {
        this.processes = processes;
        this.heap = heap;
        this.pid = pid;
    }

    long malloc(long bytes) {
        if (bytes < 0 || bytes > processes.taskSize()) {
            return 0;
        }
        if (bytes >= MMAP_THRESHOLD) {
            long size = (bytes + UserHeap.HEADER + Profile.PAGE_SIZE - 1) & -Profile.PAGE_SIZE;
            long start = processes.mmap(pid, 0, size, true);
            return start == Processes.NO_MEMORY ? 0 : begin(start, size | IS_MMAPPED);
        }
        long size = UserHeap.chunkSize(bytes);
        OptionalLong chunk = heap.take(size);
        if (chunk.isEmpty()) {
            if (!grow(size)) {
                return 0;
            }
            chunk = heap.take(size);
        }
        return begin(chunk.orElseThrow(), size | IN_USE);
    }

    private boolean grow(long size) {
        long end = processes.brk(pid, 0);
        long page = Profile.PAGE_SIZE;
        long wanted = (end + size + TOP_PAD + page - 1) & -page;
        if (processes.brk(pid, wanted) != wanted) {
            return false;
        }
        heap.grow(end, wanted);
        return true;
    }

    /** Writes the size in front of an object; its address. */
    private long begin(long chunk, long word) {
        byte[] size = ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) word)
                .array();
        processes.write(pid, chunk + SIZE_AT, size);
        return chunk + UserHeap.HEADER;
    }

    void free(long object) {
        if (object == 0) {
            return;
        }
        long chunk = object - UserHeap.HEADER;
        long word = Integer.toUnsignedLong(ByteBuffer.wrap(processes.read(pid, chunk + SIZE_AT, Integer.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt());
        if ((word & IS_MMAPPED) != 0) {
            processes.munmap(pid, chunk, word & ~FLAGS);
        } else if (heap.give(chunk).isEmpty()) {
            throw new IllegalArgumentException(String.format("free(): invalid pointer: 0x%08x", object));
        }
    }
}

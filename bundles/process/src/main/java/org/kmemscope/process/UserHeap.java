package org.kmemscope.process;

import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/**
 * Which parts of a process's heap its C library has given out. The first fit by address; neighbours that are free are one. A chunk has a
 * header of 8 bytes in front of what the program gets, and is a multiple of 8 bytes, 16 at least, as in the GNU C library of 32 bits.
 *
 * <pre>
 *   chunk     | size of the one before | size | P |   bytes of the program ...   |
 *             0                        4          8
 * </pre>
 */
final class UserHeap {
    /** Bytes in front of an object. */
    static final int HEADER = 8;

    private static final int ALIGN = 8;
    private static final int LEAST = 16;

    /** Chunks by address, with their bytes. */
    private final TreeMap<Long, Long> used = new TreeMap<>();

    private final TreeMap<Long, Long> free = new TreeMap<>();

    /** Bytes of the chunk for an object. */
    static long chunkSize(long bytes) {
        // the last four bytes reach into the header of the next chunk
        return Math.max(LEAST, (bytes + HEADER / 2 + ALIGN - 1) & -ALIGN);
    }

    /** Takes the first free chunk that is large enough; its address. */
    OptionalLong take(long size) {
        for (Map.Entry<Long, Long> chunk : free.entrySet()) {
            if (chunk.getValue() >= size) {
                long address = chunk.getKey();
                long left = chunk.getValue() - size;
                free.remove(address);
                if (left > 0) {
                    free.put(address + size, left);
                }
                used.put(address, size);
                return OptionalLong.of(address);
            }
        }
        return OptionalLong.empty();
    }

    /** The heap has grown. */
    void grow(long start, long end) {
        put(start, end - start);
    }

    /** Gives a chunk back; its bytes. */
    OptionalLong give(long chunk) {
        Long size = used.remove(chunk);
        if (size == null) {
            return OptionalLong.empty();
        }
        put(chunk, size);
        return OptionalLong.of(size);
    }

    private void put(long address, long size) {
        long start = address;
        long bytes = size;
        Map.Entry<Long, Long> before = free.lowerEntry(address);
        if (before != null && before.getKey() + before.getValue() == address) {
            start = before.getKey();
            bytes += before.getValue();
        }
        Long after = free.remove(address + size);
        if (after != null) {
            bytes += after;
        }
        free.put(start, bytes);
    }

    /** Forgets what lies behind the end of a heap that became smaller. */
    void cut(long end) {
        used.tailMap(end).clear();
        free.tailMap(end).clear();
        Map.Entry<Long, Long> last = free.lastEntry();
        if (last != null && last.getKey() + last.getValue() > end) {
            free.put(last.getKey(), end - last.getKey());
        }
    }

    void copyFrom(UserHeap other) {
        used.putAll(other.used);
        free.putAll(other.free);
    }

    void save(StateWriter out) {
        save(out, used);
        save(out, free);
    }

    private static void save(StateWriter out, TreeMap<Long, Long> chunks) {
        out.putLongs(chunks.entrySet().stream()
                .flatMapToLong(chunk -> java.util.stream.LongStream.of(chunk.getKey(), chunk.getValue()))
                .toArray());
    }

    void restore(StateReader in) {
        restore(in, used);
        restore(in, free);
    }

    private static void restore(StateReader in, TreeMap<Long, Long> chunks) {
        chunks.clear();
        long[] values = in.getLongs();
        for (int i = 0; i < values.length; i += 2) {
            chunks.put(values[i], values[i + 1]);
        }
    }
}

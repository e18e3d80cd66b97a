package org.kmemscope.dcache;

import java.util.Arrays;
import org.kmemscope.api.phys.PhysicalMemory;

/**
 * A line that holds memory. The bytes that the CPU sees are those of RAM; what memory holds is kept here while it may differ.
 *
 * <pre>
 *   state       memory   cpuBytes   deviceBytes
 *   clean       null     0          0             memory and line are alike
 *   dirty       kept     set        0             the CPU has written what memory does not have
 *   stale       kept     0          set           a device has written what the line does not have
 *   conflict    kept     set        set           both
 * </pre>
 *
 * <p>Masks have a bit for each byte, so a line has at most 64.
 */
final class Line {
    /** No line lies there: addresses of lines are multiples of their size. */
    static final long NOWHERE = -1;

    long address = NOWHERE;
    /** What memory holds; null while it holds the same. */
    byte[] memory;
    /** What the CPU saw when a device first wrote: allocators write RAM past the cache, and that must not get lost. */
    byte[] seen;
    /** Bytes that the CPU has written since the line was last clean. */
    long cpuBytes;
    /** Bytes that devices have written to memory since the line was fetched. */
    long deviceBytes;
    /** Call site of the last write. */
    int writer;
    /** When it was last used, by the cache's own count. */
    long used;

    boolean isDirty() {
        return cpuBytes != 0;
    }

    /** Begins to keep what memory holds. */
    void keepMemory(PhysicalMemory ram, int size) {
        if (memory == null) {
            memory = new byte[size];
            ram.read(address, memory, 0, size);
        }
    }

    /** Whether the CPU's bytes were changed although no access went through the cache. */
    boolean changedBeside(PhysicalMemory ram) {
        if (seen == null) {
            return false;
        }
        byte[] now = new byte[seen.length];
        ram.read(address, now, 0, now.length);
        return !Arrays.equals(now, seen);
    }

    /** Memory has what the CPU has. */
    void forgetMemory() {
        memory = null;
        seen = null;
        cpuBytes = 0;
        deviceBytes = 0;
    }

    void drop() {
        forgetMemory();
        address = NOWHERE;
        writer = 0;
        used = 0;
    }

    /** The kernel's words for its state. */
    String state() {
        if (deviceBytes == 0) {
            return cpuBytes == 0 ? "clean" : "dirty";
        }
        return cpuBytes == 0 ? "stale" : "conflict";
    }
}

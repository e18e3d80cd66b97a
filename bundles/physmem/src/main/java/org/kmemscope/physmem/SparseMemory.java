package org.kmemscope.physmem;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.kmemscope.api.error.BusError;
import org.kmemscope.api.phys.MmioDevice;
import org.kmemscope.api.phys.PhysicalMemory;
import org.kmemscope.api.phys.RamRange;
import org.kmemscope.api.state.SharedState;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/**
 * RAM in chunks that exist once they are written.
 *
 * <pre>
 *   physical address   | segment (64 MiB) | chunk (16 KiB) | byte |
 *                      63               26 25            14 13    0
 *
 *   segments[s] ─→ chunks[c]    the bytes; null reads as zero
 *                  readable[c]  the same array, if the whole chunk is RAM        (fast path of reads)
 *                  writable[c]  the same array, if it is also nobody else's      (fast path of writes)
 * </pre>
 *
 * <p>An access that finds null in its fast table takes the slow path, which checks the border of RAM, makes the chunk, or copies a
 * chunk that a copy of the machine shares. Taking a copy is: forget all of {@code writable}, share {@code chunks}.
 */
final class SparseMemory implements PhysicalMemory {
    private static final int CHUNK_SHIFT = 14;
    private static final int CHUNK_SIZE = 1 << CHUNK_SHIFT;
    private static final int CHUNK_MASK = CHUNK_SIZE - 1;
    private static final int SEGMENT_SHIFT = 26;
    private static final int CHUNKS_PER_SEGMENT = 1 << (SEGMENT_SHIFT - CHUNK_SHIFT);
    private static final int INDEX_MASK = CHUNKS_PER_SEGMENT - 1;

    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final List<RamRange> ranges;
    private final Segment[] segments;
    private final List<MmioDevice> devices = new ArrayList<>();
    private long resident;

    SparseMemory(List<RamRange> ranges) {
        this.ranges = List.copyOf(ranges);
        long end = ranges.isEmpty() ? 0 : ranges.get(ranges.size() - 1).end();
        long previous = -1;
        for (RamRange range : ranges) {
            if (range.start() <= previous) {
                throw new IllegalArgumentException("RAM ranges must ascend and not touch: " + ranges);
            }
            previous = range.end();
        }
        segments = new Segment[(int) ((end + (1L << SEGMENT_SHIFT) - 1) >>> SEGMENT_SHIFT)];
    }

    private static final class Segment {
        final byte[][] chunks = new byte[CHUNKS_PER_SEGMENT][];
        final byte[][] readable = new byte[CHUNKS_PER_SEGMENT][];
        final byte[][] writable = new byte[CHUNKS_PER_SEGMENT][];
        final boolean[] owned = new boolean[CHUNKS_PER_SEGMENT];
    }

    /** What copies share: for each segment its chunks, or null. Never written again. */
    private record Snapshot(byte[][][] chunks, long resident) implements SharedState {}

    // ---- reading

    @Override
    public int read8(long phys) {
        byte[] chunk = readable(phys);
        return chunk != null ? chunk[(int) phys & CHUNK_MASK] & 0xff : (int) slowRead(phys, 1);
    }

    @Override
    public int read16(long phys) {
        int offset = (int) phys & CHUNK_MASK;
        byte[] chunk = readable(phys);
        return chunk != null && offset <= CHUNK_SIZE - Short.BYTES
                ? (short) SHORTS.get(chunk, offset) & 0xffff
                : (int) slowRead(phys, Short.BYTES);
    }

    @Override
    public int read32(long phys) {
        int offset = (int) phys & CHUNK_MASK;
        byte[] chunk = readable(phys);
        return chunk != null && offset <= CHUNK_SIZE - Integer.BYTES
                ? (int) INTS.get(chunk, offset)
                : (int) slowRead(phys, Integer.BYTES);
    }

    @Override
    public long read64(long phys) {
        int offset = (int) phys & CHUNK_MASK;
        byte[] chunk = readable(phys);
        return chunk != null && offset <= CHUNK_SIZE - Long.BYTES
                ? (long) LONGS.get(chunk, offset)
                : slowRead(phys, Long.BYTES);
    }

    private byte[] readable(long phys) {
        long index = phys >>> SEGMENT_SHIFT;
        if (index >= segments.length) {
            return null;
        }
        Segment segment = segments[(int) index];
        return segment == null ? null : segment.readable[(int) (phys >>> CHUNK_SHIFT) & INDEX_MASK];
    }

    private long slowRead(long phys, int bytes) {
        if (!isRam(phys, bytes)) {
            MmioDevice device = deviceAt(phys, bytes);
            if (device != null && bytes == Integer.BYTES && phys % Integer.BYTES == 0) {
                return device.read32(phys - device.base());
            }
            throw fault(phys, "read", bytes, device);
        }
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            byte[] chunk = existing(phys + i);
            if (chunk != null) {
                value |= (chunk[(int) (phys + i) & CHUNK_MASK] & 0xffL) << (8 * i);
            }
        }
        return value;
    }

    // ---- writing

    @Override
    public void write8(long phys, int value) {
        byte[] chunk = writable(phys);
        if (chunk != null) {
            chunk[(int) phys & CHUNK_MASK] = (byte) value;
        } else {
            slowWrite(phys, value, 1);
        }
    }

    @Override
    public void write16(long phys, int value) {
        int offset = (int) phys & CHUNK_MASK;
        byte[] chunk = writable(phys);
        if (chunk != null && offset <= CHUNK_SIZE - Short.BYTES) {
            SHORTS.set(chunk, offset, (short) value);
        } else {
            slowWrite(phys, value, Short.BYTES);
        }
    }

    @Override
    public void write32(long phys, int value) {
        int offset = (int) phys & CHUNK_MASK;
        byte[] chunk = writable(phys);
        if (chunk != null && offset <= CHUNK_SIZE - Integer.BYTES) {
            INTS.set(chunk, offset, value);
        } else {
            slowWrite(phys, value, Integer.BYTES);
        }
    }

    @Override
    public void write64(long phys, long value) {
        int offset = (int) phys & CHUNK_MASK;
        byte[] chunk = writable(phys);
        if (chunk != null && offset <= CHUNK_SIZE - Long.BYTES) {
            LONGS.set(chunk, offset, value);
        } else {
            slowWrite(phys, value, Long.BYTES);
        }
    }

    private byte[] writable(long phys) {
        long index = phys >>> SEGMENT_SHIFT;
        if (index >= segments.length) {
            return null;
        }
        Segment segment = segments[(int) index];
        return segment == null ? null : segment.writable[(int) (phys >>> CHUNK_SHIFT) & INDEX_MASK];
    }

    private void slowWrite(long phys, long value, int bytes) {
        if (!isRam(phys, bytes)) {
            MmioDevice device = deviceAt(phys, bytes);
            if (device == null || bytes != Integer.BYTES || phys % Integer.BYTES != 0) {
                throw fault(phys, "write", bytes, device);
            }
            device.write32(phys - device.base(), (int) value);
            return;
        }
        for (int i = 0; i < bytes; i++) {
            own(phys + i)[(int) (phys + i) & CHUNK_MASK] = (byte) (value >>> (8 * i));
        }
    }

    /** The chunk around an address of RAM, made or copied if need be. */
    private byte[] own(long phys) {
        int s = (int) (phys >>> SEGMENT_SHIFT);
        Segment segment = segments[s];
        if (segment == null) {
            segment = new Segment();
            segments[s] = segment;
        }
        int c = (int) (phys >>> CHUNK_SHIFT) & INDEX_MASK;
        byte[] shared = segment.chunks[c];
        if (segment.owned[c]) {
            return shared;
        }
        byte[] chunk = shared == null ? new byte[CHUNK_SIZE] : shared.clone();
        resident += shared == null ? CHUNK_SIZE : 0;
        segment.chunks[c] = chunk;
        segment.owned[c] = true;
        // a chunk on the border of RAM stays out of the fast tables, so that every access to it is checked
        if (isRam(phys & ~(long) CHUNK_MASK, CHUNK_SIZE)) {
            segment.readable[c] = chunk;
            segment.writable[c] = chunk;
        }
        return chunk;
    }

    private byte[] existing(long phys) {
        Segment segment = segments[(int) (phys >>> SEGMENT_SHIFT)];
        return segment == null ? null : segment.chunks[(int) (phys >>> CHUNK_SHIFT) & INDEX_MASK];
    }

    // ---- bulk

    @Override
    public void read(long phys, byte[] into, int offset, int length) {
        requireRam(phys, length, "read");
        long at = phys;
        int done = 0;
        while (done < length) {
            int part = Math.min(length - done, CHUNK_SIZE - ((int) at & CHUNK_MASK));
            byte[] chunk = existing(at);
            if (chunk == null) {
                Arrays.fill(into, offset + done, offset + done + part, (byte) 0);
            } else {
                System.arraycopy(chunk, (int) at & CHUNK_MASK, into, offset + done, part);
            }
            done += part;
            at += part;
        }
    }

    @Override
    public void write(long phys, byte[] from, int offset, int length) {
        requireRam(phys, length, "write");
        long at = phys;
        int done = 0;
        while (done < length) {
            int part = Math.min(length - done, CHUNK_SIZE - ((int) at & CHUNK_MASK));
            System.arraycopy(from, offset + done, own(at), (int) at & CHUNK_MASK, part);
            done += part;
            at += part;
        }
    }

    @Override
    public void copy(long from, long to, long length) {
        requireRam(from, length, "read");
        requireRam(to, length, "write");
        byte[] buffer = new byte[(int) Math.min(length, CHUNK_SIZE)];
        boolean backwards = to > from && to < from + length;
        long done = 0;
        while (done < length) {
            int part = (int) Math.min(length - done, CHUNK_SIZE);
            long at = backwards ? length - done - part : done;
            read(from + at, buffer, 0, part);
            write(to + at, buffer, 0, part);
            done += part;
        }
    }

    @Override
    public void fill(long phys, long length, int value) {
        requireRam(phys, length, "write");
        long at = phys;
        long left = length;
        while (left > 0) {
            int start = (int) at & CHUNK_MASK;
            int part = (int) Math.min(left, CHUNK_SIZE - start);
            if ((value & 0xff) == 0 && part == CHUNK_SIZE) {
                drop(at);
            } else if ((value & 0xff) != 0 || existing(at) != null) {
                Arrays.fill(own(at), start, start + part, (byte) value);
            }
            at += part;
            left -= part;
        }
    }

    private void drop(long phys) {
        Segment segment = segments[(int) (phys >>> SEGMENT_SHIFT)];
        int c = (int) (phys >>> CHUNK_SHIFT) & INDEX_MASK;
        if (segment != null && segment.chunks[c] != null) {
            segment.chunks[c] = null;
            segment.readable[c] = null;
            segment.writable[c] = null;
            segment.owned[c] = false;
            resident -= CHUNK_SIZE;
        }
    }

    @Override
    public String readString(long phys, int max) {
        byte[] bytes = new byte[max];
        int length = 0;
        while (length < max) {
            int next = read8(phys + length);
            if (next == 0) {
                break;
            }
            bytes[length++] = (byte) next;
        }
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    // ---- borders

    @Override
    public List<RamRange> ranges() {
        return ranges;
    }

    @Override
    public boolean isRam(long phys, long length) {
        for (int i = 0; i < ranges.size(); i++) {
            RamRange range = ranges.get(i);
            if (phys >= range.start() && phys < range.end()) {
                return length <= range.end() - phys;
            }
        }
        return false;
    }

    @Override
    public long residentBytes() {
        return resident;
    }

    private void requireRam(long phys, long length, String what) {
        if (length > 0 && !isRam(phys, length)) {
            long at = phys;
            for (RamRange range : ranges) {
                if (at >= range.start() && at < range.end()) {
                    at = range.end();
                }
            }
            throw new BusError(at, what + " of " + length + " bytes from 0x" + Long.toHexString(phys));
        }
    }

    private static BusError fault(long phys, String what, int bytes, MmioDevice device) {
        return new BusError(
                phys,
                what + " of " + bytes + " byte" + (bytes == 1 ? "" : "s")
                        + (device == null ? "" : " (registers of " + device.name() + " are 32 bits wide and aligned)"));
    }

    // ---- devices

    @Override
    public void addDevice(MmioDevice device) {
        long end = device.base() + device.size();
        for (RamRange range : ranges) {
            if (device.base() < range.end() && range.start() < end) {
                throw new IllegalArgumentException(device.name() + " overlaps RAM");
            }
        }
        for (MmioDevice other : devices) {
            if (device.base() < other.base() + other.size() && other.base() < end) {
                throw new IllegalArgumentException(device.name() + " overlaps " + other.name());
            }
        }
        devices.add(device);
        devices.sort(Comparator.comparingLong(MmioDevice::base));
    }

    @Override
    public List<MmioDevice> devices() {
        return List.copyOf(devices);
    }

    private MmioDevice deviceAt(long phys, int bytes) {
        for (MmioDevice device : devices) {
            if (phys >= device.base() && phys + bytes <= device.base() + device.size()) {
                return device;
            }
        }
        return null;
    }

    // ---- state

    @Override
    public void save(StateWriter out) {
        byte[][][] shared = new byte[segments.length][][];
        for (int s = 0; s < segments.length; s++) {
            if (segments[s] != null) {
                shared[s] = segments[s].chunks.clone();
                Arrays.fill(segments[s].writable, null);
                Arrays.fill(segments[s].owned, false);
            }
        }
        out.putShared(new Snapshot(shared, resident));
    }

    @Override
    public void restore(StateReader in) {
        Snapshot snapshot = in.getShared(Snapshot.class);
        if (snapshot.chunks.length != segments.length) {
            throw new IllegalStateException("the state is of a machine with other RAM");
        }
        for (int s = 0; s < segments.length; s++) {
            segments[s] = null;
            if (snapshot.chunks[s] != null) {
                Segment segment = new Segment();
                segments[s] = segment;
                for (int c = 0; c < CHUNKS_PER_SEGMENT; c++) {
                    byte[] chunk = snapshot.chunks[s][c];
                    segment.chunks[c] = chunk;
                    long phys = ((long) s << SEGMENT_SHIFT) + ((long) c << CHUNK_SHIFT);
                    segment.readable[c] = chunk != null && isRam(phys, CHUNK_SIZE) ? chunk : null;
                }
            }
        }
        resident = snapshot.resident;
    }
}

package org.kmemscope.dcache;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.kmemscope.api.dcache.CacheObserver;
import org.kmemscope.api.dcache.DataCache;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.phys.PhysicalMemory;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.CacheLineView;

/**
 * A write-back cache that allocates lines for reads and writes, as the first level of ARM cores does.
 *
 * <pre>
 *   CPU ──→ line ──→ memory ←── device
 *           RAM      Line.memory, where it differs; else RAM
 * </pre>
 *
 * <p>{@code Ground.ram()} is what the CPU sees, because page tables, allocators and drivers all are the CPU; what a device sees is the
 * exception, and kept where it differs. So the model pays for a cache only where there is one, and nothing that writes RAM directly can
 * be lost in it.
 *
 * <ol>
 *   <li>A CPU access fetches its lines. A write keeps memory's bytes in the line and marks its own.
 *   <li>A device's write goes to memory, under the line if there is one. From then on the line is stale.
 *   <li>Cleaning makes memory what the CPU sees; if a device had written there, its bytes are gone.
 *   <li>Invalidating makes the CPU see what memory holds.
 *   <li>A line that must make room does the one or the other, by whether it is dirty.
 *   <li>Caches of several CPUs are kept alike by hardware: they are one here. So are the levels: what matters to a device is whether
 *       any of them has the line.
 * </ol>
 */
final class LineCache implements DataCache {
    private final Ground ground;
    private final PhysicalMemory ram;
    private final Geometry geometry;
    private final int lineSize;
    private final LineStore store;
    private final Mmu mmu;
    private final List<CacheObserver> observers = new ArrayList<>();
    private long hits;
    private long misses;
    private long writebacks;
    private long staleReads;
    private long staleDeviceReads;

    LineCache(Ground ground, Mmu tables, Geometry geometry) {
        this.ground = ground;
        this.geometry = geometry;
        ram = ground.ram();
        lineSize = geometry.lineSize();
        store = new LineStore(geometry);
        mmu = new CachedMmu(tables, ram, this);
    }

    @Override
    public Geometry geometry() {
        return geometry;
    }

    @Override
    public Mmu mmu() {
        return mmu;
    }

    @Override
    public void observe(CacheObserver observer) {
        observers.add(observer);
    }

    private long lineOf(long phys) {
        return phys & -(long) lineSize;
    }

    /** Bits of the bytes of a line that lie in a range. */
    private long bits(long line, long phys, long length) {
        int from = (int) Math.max(0, phys - line);
        int to = (int) Math.min(lineSize, phys + length - line);
        return (to == Long.SIZE ? -1L : (1L << to) - 1) & -(1L << from);
    }

    // ---- the CPU

    /** The CPU is about to read through a cached mapping. */
    void cpuReads(long phys, long length) {
        for (long address = lineOf(phys); address < phys + length; address += lineSize) {
            Line line = fetch(address);
            long changed = line.deviceBytes & bits(address, phys, length);
            if (changed != 0) {
                tellStale(line, changed);
            }
        }
    }

    private void tellStale(Line line, long changed) {
        long first = line.address + Long.numberOfTrailingZeros(changed);
        int length = span(changed);
        staleReads++;
        if (ground.trace().on(TracePoint.DCACHE_STALE_READ)) {
            ground.trace()
                    .fire(
                            TracePoint.DCACHE_STALE_READ,
                            first,
                            length,
                            ground.context().callSite());
        }
        observers.forEach(observer -> observer.staleRead(first, length));
    }

    private static int span(long bytes) {
        return Long.SIZE - Long.numberOfLeadingZeros(bytes) - Long.numberOfTrailingZeros(bytes);
    }

    /** The CPU is about to write through a cached mapping; RAM still has the old bytes. */
    void cpuWrites(long phys, long length) {
        for (long address = lineOf(phys); address < phys + length; address += lineSize) {
            Line line = fetch(address);
            line.keepMemory(ram, lineSize);
            line.cpuBytes |= bits(address, phys, length);
            line.writer = ground.context().callSite();
        }
    }

    private Line fetch(long address) {
        Line line = store.find(address);
        if (line == null) {
            misses++;
            line = store.victim(address);
            if (line.address != Line.NOWHERE) {
                evict(line);
            }
            line.address = address;
        } else {
            hits++;
        }
        store.use(line);
        return line;
    }

    private void evict(Line line) {
        if (line.isDirty() || line.changedBeside(ram)) {
            writeBack(line);
        } else {
            refill(line);
        }
        line.drop();
    }

    /** The line goes to memory, all of it. */
    private void writeBack(Line line) {
        if (line.memory == null) {
            return;
        }
        writebacks++;
        long lost = line.deviceBytes;
        if (ground.trace().on(TracePoint.DCACHE_WRITEBACK)) {
            ground.trace()
                    .fire(
                            TracePoint.DCACHE_WRITEBACK,
                            line.address,
                            Long.bitCount(line.cpuBytes),
                            Long.bitCount(lost),
                            line.writer);
        }
        if (lost != 0) {
            long first = line.address + Long.numberOfTrailingZeros(lost);
            observers.forEach(observer -> observer.overwritten(first, span(lost), line.address, line.writer));
        }
        line.forgetMemory();
    }

    /** What the CPU sees next is what memory holds. */
    private void refill(Line line) {
        if (line.memory != null) {
            ram.write(line.address, line.memory, 0, lineSize);
            line.forgetMemory();
        }
    }

    /** The CPU reads past the cache: what memory holds, even if a line has something newer. */
    void uncachedRead(long phys, byte[] into, int offset, int length) {
        readMemory(phys, into, offset, length);
    }

    /** The CPU writes past the cache. */
    void uncachedWrite(long phys, byte[] from, int offset, int length) {
        deviceWrite(phys, from, offset, length);
    }

    // ---- devices

    @Override
    public void deviceRead(long phys, byte[] into, int offset, int length) {
        readMemory(phys, into, offset, length);
        for (long address = lineOf(phys); address < phys + length; address += lineSize) {
            Line line = store.find(address);
            long missing = line == null ? 0 : line.cpuBytes & bits(address, phys, length);
            if (missing != 0) {
                tellUnwritten(line, missing);
            }
        }
    }

    private void readMemory(long phys, byte[] into, int offset, int length) {
        ram.read(phys, into, offset, length);
        for (long address = lineOf(phys); address < phys + length; address += lineSize) {
            Line line = store.find(address);
            if (line != null && line.memory != null) {
                int from = (int) (Math.max(address, phys) - address);
                int to = (int) (Math.min(address + lineSize, phys + length) - address);
                System.arraycopy(line.memory, from, into, offset + (int) (address + from - phys), to - from);
            }
        }
    }

    private void tellUnwritten(Line line, long missing) {
        long first = line.address + Long.numberOfTrailingZeros(missing);
        staleDeviceReads++;
        if (ground.trace().on(TracePoint.DCACHE_UNWRITTEN_READ)) {
            ground.trace().fire(TracePoint.DCACHE_UNWRITTEN_READ, first, span(missing), line.writer);
        }
        observers.forEach(observer -> observer.unwrittenRead(first, span(missing), line.writer));
    }

    @Override
    public void deviceWrite(long phys, byte[] from, int offset, int length) {
        int done = 0;
        while (done < length) {
            long at = phys + done;
            long address = lineOf(at);
            int part = (int) Math.min(length - done, address + lineSize - at);
            Line line = store.find(address);
            if (line == null) {
                ram.write(at, from, offset + done, part);
            } else {
                line.keepMemory(ram, lineSize);
                if (line.seen == null) {
                    line.seen = new byte[lineSize];
                    ram.read(address, line.seen, 0, lineSize);
                }
                System.arraycopy(from, offset + done, line.memory, (int) (at - address), part);
                line.deviceBytes |= bits(address, at, part);
            }
            done += part;
        }
    }

    @Override
    public void speculate(long phys, long length) {
        if (geometry.speculative()) {
            for (long address = lineOf(phys); address < phys + length; address += lineSize) {
                fetch(address);
            }
        }
    }

    // ---- maintenance

    @Override
    public void clean(long phys, long length) {
        for (long address = lineOf(phys); address < phys + length; address += lineSize) {
            Line line = store.find(address);
            if (line != null && line.isDirty()) {
                writeBack(line);
            }
        }
    }

    @Override
    public void invalidate(long phys, long length) {
        for (long address = lineOf(phys); address < phys + length; address += lineSize) {
            Line line = store.find(address);
            if (line != null) {
                boolean partly = address < phys || address + lineSize > phys + length;
                if (partly && line.isDirty()) {
                    writeBack(line);
                }
                refill(line);
                line.drop();
            }
        }
    }

    @Override
    public void flush(long phys, long length) {
        for (long address = lineOf(phys); address < phys + length; address += lineSize) {
            Line line = store.find(address);
            if (line != null) {
                evict(line);
            }
        }
    }

    // ---- what can be seen

    @Override
    public String name() {
        return String.format(
                "%d KiB, %d ways, lines of %d bytes", geometry.size() >> 10, geometry.ways(), geometry.lineSize());
    }

    @Override
    public List<CacheLineView> lines() {
        return Arrays.stream(store.all())
                .filter(line -> line.address != Line.NOWHERE)
                .sorted(Comparator.comparingLong(line -> line.address))
                .map(this::view)
                .toList();
    }

    private CacheLineView view(Line line) {
        byte[] cached = new byte[lineSize];
        ram.read(line.address, cached, 0, lineSize);
        return new CacheLineView(
                line.address,
                line.state(),
                Long.bitCount(line.cpuBytes),
                Long.bitCount(line.deviceBytes),
                line.isDirty() ? ground.trace().callSites().text(line.writer) : "",
                HexFormat.of().formatHex(cached),
                HexFormat.of().formatHex(line.memory == null ? cached : line.memory));
    }

    @Override
    public Counters counters() {
        return new Counters(hits, misses, writebacks, staleReads, staleDeviceReads);
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        AddressLayout layout = ground.layout();
        if (!layout.isLinear(virt)) {
            return;
        }
        Line line = store.find(lineOf(layout.virtToPhys(virt)));
        if (line != null) {
            facts.add(new AddressFact(
                    "dcache",
                    String.format(
                            "line 0x%08x of the data cache, %s%s%s",
                            line.address,
                            line.state(),
                            line.isDirty()
                                    ? ", written at "
                                            + ground.trace().callSites().text(line.writer)
                                    : "",
                            line.deviceBytes != 0
                                    ? ", a device has written " + Long.bitCount(line.deviceBytes)
                                            + " bytes to memory since"
                                    : "")));
        }
    }

    @Override
    public void verify(Verification report) {
        Line[] lines = store.all();
        for (int i = 0; i < lines.length; i++) {
            Line line = lines[i];
            if (line.address == Line.NOWHERE) {
                report.check(line.memory == null, "way %d of the data cache is free, and keeps bytes", i);
                continue;
            }
            report.check(
                    store.find(line.address) == line && ram.isRam(line.address, lineSize),
                    "line 0x%08x of the data cache is in the wrong set, there twice, or no RAM",
                    line.address);
            report.check(
                    (line.memory != null) == ((line.cpuBytes | line.deviceBytes) != 0),
                    "line 0x%08x of the data cache is %s, which does not fit the bytes it keeps",
                    line.address,
                    line.state());
        }
    }

    // ---- state

    @Override
    public void save(StateWriter out) {
        out.putLongs(new long[] {hits, misses, writebacks, staleReads, staleDeviceReads, store.clock()});
        for (Line line : store.all()) {
            out.putLong(line.address);
            if (line.address != Line.NOWHERE) {
                out.putLongs(new long[] {line.cpuBytes, line.deviceBytes, line.writer, line.used});
                out.putBytes(line.memory == null ? new byte[0] : line.memory);
                out.putBytes(line.seen == null ? new byte[0] : line.seen);
            }
        }
    }

    @Override
    public void restore(StateReader in) {
        long[] counts = in.getLongs();
        hits = counts[0];
        misses = counts[1];
        writebacks = counts[2];
        staleReads = counts[3];
        staleDeviceReads = counts[4];
        store.setClock(counts[5]);
        for (Line line : store.all()) {
            line.drop();
            line.address = in.getLong();
            if (line.address != Line.NOWHERE) {
                long[] values = in.getLongs();
                line.cpuBytes = values[0];
                line.deviceBytes = values[1];
                line.writer = (int) values[2];
                line.used = values[3];
                byte[] memory = in.getBytes();
                line.memory = memory.length == 0 ? null : memory;
                byte[] seen = in.getBytes();
                line.seen = seen.length == 0 ? null : seen;
            }
        }
    }
}

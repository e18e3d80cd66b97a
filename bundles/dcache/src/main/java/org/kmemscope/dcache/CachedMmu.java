package org.kmemscope.dcache;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.kmemscope.api.error.BusError;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.mmu.TableSource;
import org.kmemscope.api.mmu.TlbEntry;
import org.kmemscope.api.mmu.UserTables;
import org.kmemscope.api.mmu.Walk;
import org.kmemscope.api.phys.PhysicalMemory;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.view.AddressFact;

/**
 * An MMU whose accesses go through a cache. Addresses are translated by the MMU behind it, once for each page touched; what is no RAM is
 * left to it, registers being the same for everybody.
 */
final class CachedMmu implements Mmu {
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;
    private static final int OFFSET_MASK = PAGE_SIZE - 1;
    private static final int FIRST_WINDOW = 16;

    private final Mmu tables;
    private final PhysicalMemory ram;
    private final LineCache cache;
    private final byte[] word = new byte[Long.BYTES];
    /** Where the pages of one bulk write are. Scratch: nothing in it outlives a call. */
    private long[] window = new long[FIRST_WINDOW];

    CachedMmu(Mmu tables, PhysicalMemory ram, LineCache cache) {
        this.tables = tables;
        this.ram = ram;
        this.cache = cache;
    }

    // ---- words

    @Override
    public int read8(long virt) {
        return (int) readWord(virt, 1);
    }

    @Override
    public void write8(long virt, int value) {
        writeWord(virt, value, 1);
    }

    @Override
    public int read16(long virt) {
        return (int) readWord(virt, 2);
    }

    @Override
    public void write16(long virt, int value) {
        writeWord(virt, value, 2);
    }

    @Override
    public int read32(long virt) {
        return (int) readWord(virt, 4);
    }

    @Override
    public void write32(long virt, int value) {
        writeWord(virt, value, 4);
    }

    @Override
    public long read64(long virt) {
        return readWord(virt, 8);
    }

    @Override
    public void write64(long virt, long value) {
        writeWord(virt, value, 8);
    }

    private long readWord(long virt, int bytes) {
        if (crosses(virt, bytes)) {
            read(virt, word, 0, bytes);
            return fromBytes(bytes);
        }
        long phys = tables.translate(virt, false);
        if (!ram.isRam(phys, bytes)) {
            return behind(phys, bytes);
        }
        if (!tables.cached(virt)) {
            cache.uncachedRead(phys, word, 0, bytes);
            return fromBytes(bytes);
        }
        cache.cpuReads(phys, bytes);
        return behind(phys, bytes);
    }

    private long fromBytes(int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << Byte.SIZE | word[i] & 0xffL;
        }
        return value;
    }

    private long behind(long phys, int bytes) {
        return switch (bytes) {
            case Byte.BYTES -> ram.read8(phys);
            case Short.BYTES -> ram.read16(phys);
            case Integer.BYTES -> ram.read32(phys);
            default -> ram.read64(phys);
        };
    }

    private void writeWord(long virt, long value, int bytes) {
        if (!crosses(virt, bytes)) {
            long phys = tables.translate(virt, true);
            if (!ram.isRam(phys, bytes)) {
                writeBehind(phys, value, bytes);
                return;
            }
            if (tables.cached(virt)) {
                cache.cpuWrites(phys, bytes);
                writeBehind(phys, value, bytes);
                return;
            }
        }
        for (int i = 0; i < bytes; i++) {
            word[i] = (byte) (value >>> Byte.SIZE * i);
        }
        write(virt, word, 0, bytes);
    }

    private void writeBehind(long phys, long value, int bytes) {
        switch (bytes) {
            case Byte.BYTES -> ram.write8(phys, (int) value);
            case Short.BYTES -> ram.write16(phys, (int) value);
            case Integer.BYTES -> ram.write32(phys, (int) value);
            default -> ram.write64(phys, value);
        }
    }

    private static boolean crosses(long virt, int bytes) {
        return (virt & OFFSET_MASK) + bytes > PAGE_SIZE;
    }

    // ---- bulk

    @Override
    public void read(long virt, byte[] into, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, into.length);
        int done = 0;
        while (done < length) {
            int part = part(virt + done, length - done);
            long phys = tables.translate(virt + done, false);
            if (!ram.isRam(phys, part)) {
                throw new BusError(phys, "read of " + part + " bytes from a page");
            }
            if (tables.cached(virt + done)) {
                cache.cpuReads(phys, part);
                ram.read(phys, into, offset + done, part);
            } else {
                cache.uncachedRead(phys, into, offset + done, part);
            }
            done += part;
        }
    }

    @Override
    public void write(long virt, byte[] from, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, from.length);
        resolve(virt, length);
        int done = 0;
        for (int page = 0; done < length; page++) {
            int part = part(virt + done, length - done);
            if (tables.cached(virt + done)) {
                cache.cpuWrites(window[page], part);
                ram.write(window[page], from, offset + done, part);
            } else {
                cache.uncachedWrite(window[page], from, offset + done, part);
            }
            done += part;
        }
    }

    @Override
    public void fill(long virt, long length, int value) {
        resolve(virt, length);
        long done = 0;
        for (int page = 0; done < length; page++) {
            int part = part(virt + done, length - done);
            if (tables.cached(virt + done)) {
                cache.cpuWrites(window[page], part);
                ram.fill(window[page], part, value);
            } else {
                byte[] bytes = new byte[part];
                Arrays.fill(bytes, (byte) value);
                cache.uncachedWrite(window[page], bytes, 0, part);
            }
            done += part;
        }
    }

    /** Finds every page of a bulk write, so that a fault comes before the first byte is written. */
    private void resolve(long virt, long length) {
        long done = 0;
        for (int page = 0; done < length; page++) {
            if (page == window.length) {
                window = Arrays.copyOf(window, 2 * page);
            }
            int part = part(virt + done, length - done);
            window[page] = tables.translate(virt + done, true);
            if (!ram.isRam(window[page], part)) {
                throw new BusError(window[page], "write of " + part + " bytes to a page");
            }
            done += part;
        }
    }

    /** Bytes from {@code virt} to the end of its page, or as many as are left. */
    private static int part(long virt, long left) {
        return (int) Math.min(left, PAGE_SIZE - (virt & OFFSET_MASK));
    }

    // ---- the MMU behind it

    @Override
    public String name() {
        return tables.name();
    }

    @Override
    public long kernelTable() {
        return tables.kernelTable();
    }

    @Override
    public long largePageSize() {
        return tables.largePageSize();
    }

    @Override
    public boolean map(long virt, long phys, Protection protection) {
        return tables.map(virt, phys, protection);
    }

    @Override
    public boolean setEntry(long virt, long phys, Protection protection) {
        return tables.setEntry(virt, phys, protection);
    }

    @Override
    public boolean mapLarge(long virt, long phys, Protection protection) {
        return tables.mapLarge(virt, phys, protection);
    }

    @Override
    public long unmap(long virt) {
        return tables.unmap(virt);
    }

    @Override
    public long lookup(long virt) {
        return tables.lookup(virt);
    }

    @Override
    public Walk walk(long virt) {
        return tables.walk(virt);
    }

    @Override
    public List<String> oopsTables(long virt) {
        return tables.oopsTables(virt);
    }

    @Override
    public void flushLocalPage(long virt) {
        tables.flushLocalPage(virt);
    }

    @Override
    public void flushRange(long start, long end) {
        tables.flushRange(start, end);
    }

    @Override
    public void flushAll() {
        tables.flushAll();
    }

    @Override
    public Optional<UserTables> newUserTables(long userEnd, TableSource frames) {
        return tables.newUserTables(userEnd, frames);
    }

    @Override
    public UserTables userTables(long top, long userEnd, TableSource frames) {
        return tables.userTables(top, userEnd, frames);
    }

    @Override
    public void setTableSource(TableSource source) {
        tables.setTableSource(source);
    }

    @Override
    public int tableFrames() {
        return tables.tableFrames();
    }

    @Override
    public long translate(long virt, boolean write) {
        return tables.translate(virt, write);
    }

    @Override
    public boolean cached(long virt) {
        return tables.cached(virt);
    }

    @Override
    public List<TlbEntry> tlb(int cpu) {
        return tables.tlb(cpu);
    }

    @Override
    public Optional<String> stale(long virt) {
        return tables.stale(virt);
    }

    @Override
    public TlbCounters counters() {
        return tables.counters();
    }

    @Override
    public void verify(Verification report) {
        tables.verify(report);
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        tables.describe(virt, facts);
    }

    @Override
    public void save(StateWriter out) {
        tables.save(out);
    }

    @Override
    public void restore(StateReader in) {
        tables.restore(in);
    }
}

package org.kmemscope.mmu;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.kmemscope.api.error.BusError;
import org.kmemscope.api.ground.ExecutionContext;
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
 * The MMU of a machine. Its {@link Translator} finds physical addresses; the bytes are read or written there, in RAM or in the
 * registers of a device.
 *
 * <ol>
 *   <li>The accesses of one word ask the TLB once, for the whole word; that is the fast path.
 *   <li>An access that crosses into another page resolves both pages before it touches either.
 *   <li>A bulk write resolves all its pages, and keeps their addresses, before it writes the first byte.
 * </ol>
 *
 * <p>Addresses count modulo 2^32, as pointers of the machine do. Not thread safe: the machine's lock is held.
 */
final class PageTableMmu implements Mmu {
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;
    private static final int OFFSET_MASK = PAGE_SIZE - 1;
    private static final long ADDRESS_MASK = 0xffff_ffffL;
    private static final int FIRST_WINDOW = 16;

    private final String name;
    private final Rules rules;
    private final PhysicalMemory ram;
    private final Translator translator;
    private TableSource source;
    /** Where the pages of one bulk write are. Scratch: nothing in it outlives a call. */
    private long[] window = new long[FIRST_WINDOW];

    PageTableMmu(Profile profile, Rules rules, PhysicalMemory ram, ExecutionContext context, TableSource source) {
        name = profile.arch().tables().label();
        this.rules = rules;
        this.ram = ram;
        this.source = source;
        PageTables tables = PageTables.create(rules.format(), ram, source);
        Tlb tlb = new Tlb(profile.cpus(), profile.arch().tlbEntries(), largePageSize());
        translator = new Translator(rules, context, tables, tlb);
    }

    private PageTables tables() {
        return translator.tables();
    }

    // ---- tables

    @Override
    public String name() {
        return name;
    }

    @Override
    public long kernelTable() {
        return tables().top();
    }

    @Override
    public long largePageSize() {
        return rules.format().span(rules.format().shape().largeLevel());
    }

    @Override
    public boolean map(long virt, long phys, Protection protection) {
        checkAligned(virt, phys, PAGE_SIZE);
        return tables().map(virt, phys, protection, source);
    }

    @Override
    public boolean setEntry(long virt, long phys, Protection protection) {
        checkAligned(virt, phys, PAGE_SIZE);
        return tables().set(virt, phys, protection, source);
    }

    @Override
    public boolean mapLarge(long virt, long phys, Protection protection) {
        checkAligned(virt, phys, largePageSize());
        return tables().mapLarge(virt, phys, protection, source);
    }

    private void checkAligned(long virt, long phys, long size) {
        if (((virt | phys) & size - 1) != 0 || virt >>> 32 != 0) {
            throw new IllegalArgumentException(
                    String.format("0x%x cannot be mapped to 0x%x: pages of %d bytes are aligned", virt, phys, size));
        }
        if (phys >>> rules.format().shape().physicalBits() != 0) {
            throw new IllegalArgumentException(String.format("0x%x is too high for page tables of %s", phys, name));
        }
    }

    @Override
    public long unmap(long virt) {
        return tables().unmap(virt & ADDRESS_MASK);
    }

    @Override
    public long lookup(long virt) {
        long found = tables().find(virt & ADDRESS_MASK);
        return found == Translation.NONE ? -1 : found & Translation.ADDRESS | virt & OFFSET_MASK;
    }

    @Override
    public Walk walk(long virt) {
        return tables().walk(virt & ADDRESS_MASK);
    }

    @Override
    public List<String> oopsTables(long virt) {
        return rules.words().tables(tables(), virt & ADDRESS_MASK);
    }

    @Override
    public Optional<UserTables> newUserTables(long userEnd, TableSource frames) {
        return ProcessTables.create(tables(), ram, userEnd, frames).map(made -> made);
    }

    @Override
    public UserTables userTables(long top, long userEnd, TableSource frames) {
        return new ProcessTables(tables(), ram, top, userEnd, frames);
    }

    @Override
    public void setTableSource(TableSource source) {
        this.source = source;
    }

    @Override
    public int tableFrames() {
        return tables().frames();
    }

    // ---- flushes

    @Override
    public void flushLocalPage(long virt) {
        translator.flushLocalPage(virt);
    }

    @Override
    public void flushRange(long start, long end) {
        translator.flushRange(start, end);
    }

    @Override
    public void flushAll() {
        translator.flushAll();
    }

    // ---- reads

    @Override
    public long translate(long virt, boolean write) {
        return translator.translate(virt, write);
    }

    @Override
    public boolean cached(long virt) {
        return translator.cached(virt & ADDRESS_MASK);
    }

    private static boolean crosses(long virt, int bytes) {
        return (virt & OFFSET_MASK) + bytes > PAGE_SIZE;
    }

    @Override
    public int read8(long virt) {
        return ram.read8(translator.translate(virt, false));
    }

    @Override
    public int read16(long virt) {
        long phys = translator.tryRead(virt, Short.BYTES - 1);
        if (phys != Tlb.MISS) {
            return ram.read16(phys);
        }
        return crosses(virt, Short.BYTES)
                ? (int) readAcross(virt, Short.BYTES)
                : ram.read16(translator.translate(virt, false));
    }

    @Override
    public int read32(long virt) {
        long phys = translator.tryRead(virt, Integer.BYTES - 1);
        if (phys != Tlb.MISS) {
            return ram.read32(phys);
        }
        return crosses(virt, Integer.BYTES)
                ? (int) readAcross(virt, Integer.BYTES)
                : ram.read32(translator.translate(virt, false));
    }

    @Override
    public long read64(long virt) {
        long phys = translator.tryRead(virt, Long.BYTES - 1);
        if (phys != Tlb.MISS) {
            return ram.read64(phys);
        }
        return crosses(virt, Long.BYTES) ? readAcross(virt, Long.BYTES) : ram.read64(translator.translate(virt, false));
    }

    private long readAcross(long virt, int bytes) {
        int first = PAGE_SIZE - ((int) virt & OFFSET_MASK);
        long low = translator.translate(virt, false);
        long high = translator.translate(virt + first, false);
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (long) ram.read8(i < first ? low + i : high + i - first) << (Byte.SIZE * i);
        }
        return value;
    }

    @Override
    public void read(long virt, byte[] into, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, into.length);
        int done = 0;
        while (done < length) {
            int part = part(virt + done, length - done);
            ram.read(translator.translate(virt + done, false), into, offset + done, part);
            done += part;
        }
    }

    // ---- writes

    @Override
    public void write8(long virt, int value) {
        ram.write8(translator.translate(virt, true), value);
    }

    @Override
    public void write16(long virt, int value) {
        long phys = translator.tryWrite(virt, Short.BYTES - 1);
        if (phys != Tlb.MISS) {
            ram.write16(phys, value);
        } else if (crosses(virt, Short.BYTES)) {
            writeAcross(virt, Short.BYTES, value);
        } else {
            ram.write16(translator.translate(virt, true), value);
        }
    }

    @Override
    public void write32(long virt, int value) {
        long phys = translator.tryWrite(virt, Integer.BYTES - 1);
        if (phys != Tlb.MISS) {
            ram.write32(phys, value);
        } else if (crosses(virt, Integer.BYTES)) {
            writeAcross(virt, Integer.BYTES, value);
        } else {
            ram.write32(translator.translate(virt, true), value);
        }
    }

    @Override
    public void write64(long virt, long value) {
        long phys = translator.tryWrite(virt, Long.BYTES - 1);
        if (phys != Tlb.MISS) {
            ram.write64(phys, value);
        } else if (crosses(virt, Long.BYTES)) {
            writeAcross(virt, Long.BYTES, value);
        } else {
            ram.write64(translator.translate(virt, true), value);
        }
    }

    private void writeAcross(long virt, int bytes, long value) {
        int first = PAGE_SIZE - ((int) virt & OFFSET_MASK);
        long low = translator.translate(virt, true);
        long high = translator.translate(virt + first, true);
        requireRam(low, first);
        requireRam(high, bytes - first);
        for (int i = 0; i < bytes; i++) {
            ram.write8(i < first ? low + i : high + i - first, (int) (value >>> (Byte.SIZE * i)));
        }
    }

    @Override
    public void write(long virt, byte[] from, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, from.length);
        resolve(virt, length);
        int done = 0;
        for (int page = 0; done < length; page++) {
            int part = part(virt + done, length - done);
            ram.write(window[page], from, offset + done, part);
            done += part;
        }
    }

    @Override
    public void fill(long virt, long length, int value) {
        resolve(virt, length);
        long done = 0;
        for (int page = 0; done < length; page++) {
            int part = part(virt + done, length - done);
            ram.fill(window[page], part, value);
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
            window[page] = translator.translate(virt + done, true);
            requireRam(window[page], part);
            done += part;
        }
    }

    /** Bytes from {@code virt} to the end of its page, or as many as are left. */
    private static int part(long virt, long left) {
        return (int) Math.min(left, PAGE_SIZE - (virt & OFFSET_MASK));
    }

    private void requireRam(long phys, int length) {
        if (!ram.isRam(phys, length)) {
            throw new BusError(phys, "write of " + length + " bytes to a page");
        }
    }

    // ---- what can be seen

    @Override
    public List<TlbEntry> tlb(int cpu) {
        return translator.entries(cpu);
    }

    @Override
    public Optional<String> stale(long virt) {
        return translator.stale(virt & ADDRESS_MASK);
    }

    @Override
    public TlbCounters counters() {
        return translator.counters();
    }

    /** Stale entries are no contradiction: between a change and its flush they are normal. They count as checked. */
    @Override
    public void verify(Verification report) {
        TableCheck.run(tables(), ram, report);
        for (int cpu = 0; cpu < translator.cpus(); cpu++) {
            report.checked(translator.entries(cpu).size());
        }
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        translator.describe(virt & ADDRESS_MASK, facts);
    }

    // ---- state

    /** The table source is wiring, not state: who restores sets it. */
    @Override
    public void save(StateWriter out) {
        translator.save(out);
    }

    @Override
    public void restore(StateReader in) {
        translator.restore(in);
    }
}

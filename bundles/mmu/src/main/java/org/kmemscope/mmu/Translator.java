package org.kmemscope.mmu;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Mmu.TlbCounters;
import org.kmemscope.api.mmu.TlbEntry;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.view.AddressFact;

/**
 * From virtual to physical addresses: the TLB of the current CPU, and behind it the page tables.
 *
 * <ol>
 *   <li>A hit in the TLB is the answer, whatever the tables say by now.
 *   <li>A miss walks the tables as hardware does and enters what it finds. If it finds nothing, or no right to write, the kernel
 *       faults.
 *   <li>A write that meets an entry for reads only: x86 walks again, either for the dirty bit, or because a page fault drops the
 *       entry and {@code spurious_fault()} retries. On ARM the entry's word is final.
 * </ol>
 */
final class Translator {
    private static final int OFFSET_MASK = Profile.PAGE_SIZE - 1;
    private static final long ADDRESS_MASK = 0xffff_ffffL;

    private final Rules rules;
    private final ExecutionContext context;
    private final Tlb tlb;
    private final boolean walksAgain;
    private PageTables tables;
    private long hits;
    private long misses;
    private long flushes;

    Translator(Rules rules, ExecutionContext context, PageTables tables, Tlb tlb) {
        this.rules = rules;
        this.context = context;
        this.tables = tables;
        this.tlb = tlb;
        walksAgain = rules.format().walksAgainBeforeFault();
    }

    PageTables tables() {
        return tables;
    }

    // ---- accesses

    /**
     * The TLB's answer for a read.
     *
     * @param reach distance to the last byte of the access
     * @return the physical address, or {@link Tlb#MISS} also if the access leaves the page
     */
    long tryRead(long virt, int reach) {
        long phys = tlb.read(context.cpu(), virt, reach);
        if (phys != Tlb.MISS) {
            hits++;
        }
        return phys;
    }

    /** As {@link #tryRead}, for a write. */
    long tryWrite(long virt, int reach) {
        long phys = tlb.write(context.cpu(), virt, reach);
        if (phys != Tlb.MISS) {
            hits++;
        }
        return phys;
    }

    /** Physical address behind {@code virt}. */
    long translate(long virt, boolean write) {
        long phys = write ? tryWrite(virt, 0) : tryRead(virt, 0);
        return phys != Tlb.MISS ? phys : miss(context.cpu(), virt & ADDRESS_MASK, write);
    }

    /** Whether an address is used through the caches. */
    boolean cached(long virt) {
        long entry = tlb.entry(context.cpu(), virt);
        return ((entry == Translation.NONE ? tables.find(virt) : entry) & Translation.CACHED) != 0;
    }

    private long miss(int cpu, long virt, boolean write) {
        misses++;
        boolean denied = write && !walksAgain && tlb.entry(cpu, virt) != Translation.NONE;
        long found = denied ? Translation.NONE : tables.touch(virt, write);
        if (found == Translation.NONE || write && (found & Translation.WRITE) == 0) {
            if (walksAgain) {
                tlb.flushPage(cpu, virt);
            }
            throw new KernelOops(rules.words().fault(virt, write), virt);
        }
        tlb.enter(cpu, virt, found);
        return found & Translation.ADDRESS | virt & OFFSET_MASK;
    }

    // ---- flushes

    void flushLocalPage(long virt) {
        flushes++;
        tlb.flushPage(context.cpu(), virt & ADDRESS_MASK);
    }

    void flushRange(long start, long end) {
        flushes++;
        if (end - start > rules.flushCeiling()) {
            tlb.flushAll();
            return;
        }
        for (int cpu = 0; cpu < tlb.cpus(); cpu++) {
            tlb.flushRange(cpu, start, end);
        }
    }

    void flushAll() {
        flushes++;
        tlb.flushAll();
    }

    // ---- what can be seen

    int cpus() {
        return tlb.cpus();
    }

    List<TlbEntry> entries(int cpu) {
        List<TlbEntry> found = new ArrayList<>();
        for (int slot = 0; slot < tlb.slots(); slot++) {
            if (tlb.isUsed(cpu, slot)) {
                long virt = tlb.virtAt(cpu, slot);
                long entry = tlb.entryAt(cpu, slot);
                found.add(new TlbEntry(
                        cpu,
                        virt,
                        entry & Translation.ADDRESS,
                        (entry & Translation.WRITE) != 0,
                        (entry & Translation.LARGE) != 0,
                        isStale(virt, entry)));
            }
        }
        return found;
    }

    /** Whether the tables say something else by now, in a way that a program could notice. */
    private boolean isStale(long virt, long entry) {
        return ((tables.find(virt) ^ entry) & Translation.SUBSTANCE) != 0;
    }

    Optional<String> stale(long virt) {
        long entry = tlb.entry(context.cpu(), virt);
        return entry != Translation.NONE && isStale(virt, entry)
                ? Optional.of(MappingText.stale(context.cpu(), entry))
                : Optional.empty();
    }

    void describe(long virt, List<AddressFact> facts) {
        facts.add(new AddressFact("mmu", MappingText.of(tables.walk(virt), tables.find(virt))));
        for (int cpu = 0; cpu < tlb.cpus(); cpu++) {
            long entry = tlb.entry(cpu, virt);
            if (entry != Translation.NONE && isStale(virt, entry)) {
                facts.add(new AddressFact("tlb", MappingText.stale(cpu, entry)));
            }
        }
    }

    TlbCounters counters() {
        return new TlbCounters(hits, misses, flushes);
    }

    // ---- state

    /** The tables themselves are in RAM. */
    void save(StateWriter out) {
        out.putLong(tables.top());
        out.putLong(hits);
        out.putLong(misses);
        out.putLong(flushes);
        tlb.save(out);
    }

    void restore(StateReader in) {
        tables = tables.withTop(in.getLong());
        hits = in.getLong();
        misses = in.getLong();
        flushes = in.getLong();
        tlb.restore(in);
    }
}

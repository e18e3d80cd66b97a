package org.kmemscope.mmu;

import java.util.Optional;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.mmu.TableSource;
import org.kmemscope.api.mmu.UserTables;
import org.kmemscope.api.mmu.Walk;
import org.kmemscope.api.phys.PhysicalMemory;

/**
 * The page tables of a process: a tree of its own below {@code TASK_SIZE}, and above it copies of the kernel's top entries.
 *
 * <pre>
 *   top table   | user entries: own tables | kernel entries: the kernel's tables |
 *               0                      userEnd
 * </pre>
 *
 * <p>Tables below the kernel's entries are shared, so that what the kernel maps there later is there for every process. A top entry that
 * the kernel makes later is not copied here; Linux does that in the fault that follows ({@code vmalloc_fault()}), and in the model the
 * kernel reads through its own tables.
 */
final class ProcessTables implements UserTables {
    private static final long PAGE_SIZE = Profile.PAGE_SIZE;
    private static final long NO_ENTRY = PageTables.NO_ENTRY;

    private final PageTables kernel;
    private final PageTables tables;
    private final TableFormat format;
    private final TableFormat.UserBits bits;
    private final PhysicalMemory ram;
    private final long userEnd;
    private final TableSource source;
    private final int last;

    ProcessTables(PageTables kernel, PhysicalMemory ram, long top, long userEnd, TableSource source) {
        this.kernel = kernel;
        this.ram = ram;
        this.userEnd = userEnd;
        this.source = source;
        tables = kernel.withTop(top);
        format = kernel.format();
        bits = format.userBits();
        last = format.levels() - 1;
    }

    /** {@code pgd_alloc()}. */
    static Optional<ProcessTables> create(PageTables kernel, PhysicalMemory ram, long userEnd, TableSource source) {
        TableFormat format = kernel.format();
        int order = format.shape().topOrder();
        int pfn = source.tableFrames(order);
        if (pfn < 0) {
            return Optional.empty();
        }
        long top = (long) pfn << Profile.PAGE_SHIFT;
        ram.fill(top, PAGE_SIZE << order, 0);
        ProcessTables made = new ProcessTables(kernel, ram, top, userEnd, source);
        if (format.fillsTop() && !made.fillTop()) {
            made.free(0, userEnd);
            made.freeTop();
            return Optional.empty();
        }
        for (int i = made.firstOfKernel(); i < format.entries(0); i++) {
            long offset = (long) i << format.shape().entryShift();
            format.write(ram, top + offset, format.read(ram, kernel.top() + offset));
        }
        return Optional.of(made);
    }

    private boolean fillTop() {
        for (long virt = 0; virt < userEnd; virt += format.span(0)) {
            if (tables.makeEntry(1, virt, source) == NO_ENTRY) {
                return false;
            }
        }
        return true;
    }

    /** The first top entry that has no address of user space behind it. */
    private int firstOfKernel() {
        return (int) ((userEnd + format.span(0) - 1) / format.span(0));
    }

    @Override
    public long top() {
        return tables.top();
    }

    @Override
    public long access(long virt, boolean write) {
        long found = tables.touch(virt, write);
        boolean faults = found == Translation.NONE || write && (found & Translation.WRITE) == 0;
        return faults ? -1 : found & Translation.ADDRESS | virt & PAGE_SIZE - 1;
    }

    // ---- entries

    @Override
    public boolean prepare(long virt) {
        return tables.makeEntry(last, virt, source) != NO_ENTRY;
    }

    @Override
    public boolean set(long virt, long phys, boolean writable, boolean dirty) {
        long word = withWritable(format.userWord(phys), writable);
        return put(virt, dirty ? word | bits.dirty() : word);
    }

    @Override
    public boolean setSwap(long virt, int slot) {
        return put(virt, (long) slot << bits.slotShift());
    }

    private boolean put(long virt, long word) {
        long at = tables.makeEntry(last, virt, source);
        if (at == NO_ENTRY) {
            return false;
        }
        format.putUser(ram, at, word);
        return true;
    }

    @Override
    public void clear(long virt) {
        long at = tables.entry(virt);
        if (at != NO_ENTRY) {
            format.putUser(ram, at, 0);
        }
    }

    @Override
    public Entry entry(long virt) {
        long at = tables.entry(virt);
        long word = at == NO_ENTRY ? 0 : format.linuxWord(ram, at);
        if (word == 0) {
            return Entry.EMPTY;
        }
        if ((word & bits.present()) == 0) {
            return new Entry(-1, false, false, false, (int) (word >>> bits.slotShift()));
        }
        boolean writable = bits.readOnly() == 0 ? (word & bits.writable()) != 0 : (word & bits.readOnly()) == 0;
        return new Entry(format.userPage(word), (word & bits.young()) != 0, (word & bits.dirty()) != 0, writable, 0);
    }

    @Override
    public boolean testAndClearYoung(long virt) {
        long at = tables.entry(virt);
        long word = at == NO_ENTRY ? 0 : format.linuxWord(ram, at);
        boolean young = (word & bits.present()) != 0 && (word & bits.young()) != 0;
        if (young) {
            format.putUser(ram, at, word & ~bits.young());
        }
        return young;
    }

    @Override
    public void markAccessed(long virt, boolean write) {
        long at = present(virt);
        long word = format.linuxWord(ram, at) | bits.young();
        format.putUser(ram, at, write ? word | bits.dirty() : word);
    }

    @Override
    public void setWritable(long virt, boolean writable) {
        long at = present(virt);
        format.putUser(ram, at, withWritable(format.linuxWord(ram, at), writable));
    }

    private long present(long virt) {
        long at = tables.entry(virt);
        if (at == NO_ENTRY || (format.linuxWord(ram, at) & bits.present()) == 0) {
            throw new IllegalStateException(String.format("no page of the process is at 0x%08x", virt));
        }
        return at;
    }

    private long withWritable(long word, boolean writable) {
        return writable ? (word | bits.writable()) & ~bits.readOnly() : word & ~bits.writable() | bits.readOnly();
    }

    @Override
    public long next(long from, long end) {
        long virt = from;
        while (virt < end) {
            int level = 0;
            long table = top();
            while (level < last) {
                long step = format.decode(level, format.read(ram, format.entryAddress(level, table, virt)));
                if ((step & Translation.TABLE) == 0) {
                    break;
                }
                table = step & Translation.ADDRESS;
                level++;
            }
            if (level == last && format.linuxWord(ram, format.entryAddress(last, table, virt)) != 0) {
                return virt;
            }
            virt = (virt & -format.span(level)) + format.span(level);
        }
        return end;
    }

    // ---- giving tables back

    @Override
    public void free(long floor, long ceiling) {
        free(0, top(), 0, floor, Math.min(ceiling, userEnd));
    }

    private void free(int level, long table, long base, long floor, long ceiling) {
        int step = format.entriesOfTable(level);
        long span = format.span(level) * step;
        for (int i = 0; i < format.entries(level); i += step) {
            long virt = base + i * format.span(level);
            if (virt + span <= floor || virt >= ceiling) {
                continue;
            }
            long at = table + ((long) i << format.shape().entryShift());
            long found = format.decode(level, format.read(ram, at));
            if ((found & Translation.TABLE) == 0) {
                continue;
            }
            if (level + 1 < last) {
                free(level + 1, found & Translation.ADDRESS, virt, floor, ceiling);
            }
            // the last table of user space may have addresses behind it that belong to nobody
            if (virt >= floor && Math.min(virt + span, userEnd) <= ceiling) {
                for (int entry = 0; entry < step; entry++) {
                    format.write(ram, at + ((long) entry << format.shape().entryShift()), 0);
                }
                source.releaseTableFrame((int) ((found & Translation.ADDRESS) >>> Profile.PAGE_SHIFT));
            }
        }
    }

    @Override
    public void freeTop() {
        source.releaseTableFrames(
                (int) (top() >>> Profile.PAGE_SHIFT), format.shape().topOrder());
    }

    // ---- looking

    @Override
    public int frames() {
        Count count = new Count(Optional.empty());
        tables.visit(count);
        return (1 << format.shape().topOrder()) + count.frames;
    }

    @Override
    public Walk walk(long virt) {
        return tables.walk(virt);
    }

    @Override
    public void verify(Verification report) {
        report.claim((int) (top() >>> Profile.PAGE_SHIFT), 1 << format.shape().topOrder(), "page table");
        tables.visit(new Count(Optional.of(report)));
        for (int i = firstOfKernel(); i < format.entries(0); i++) {
            long offset = (long) i << format.shape().entryShift();
            long copy = format.read(ram, top() + offset);
            report.check(
                    copy == 0 || format.sameTable(copy, format.read(ram, kernel.top() + offset)),
                    "the top page table at 0x%x says 0x%x of the kernel, which the kernel's own does not",
                    top(),
                    copy);
        }
    }

    /** Goes over the tables of user space: counts their frames and, if there is a report, checks what they hold. */
    private final class Count implements PageTables.Visitor {
        private final Optional<Verification> report;
        private long previous = -1;
        private int frames;

        Count(Optional<Verification> report) {
            this.report = report;
        }

        @Override
        public boolean entry(int level, long at, long step, long virt) {
            if (virt >= userEnd) {
                return false;
            }
            report.ifPresent(to -> to.check(
                    level < last || format.agreesWithLinux(ram, at),
                    "the hardware entry of 0x%08x at 0x%x does not follow from Linux's",
                    virt,
                    at));
            long frame = step & Translation.ADDRESS & -PAGE_SIZE;
            if ((step & Translation.TABLE) != 0 && frame != previous) {
                previous = frame;
                frames++;
                report.ifPresent(to -> to.claim((int) (frame >>> Profile.PAGE_SHIFT), 1, "page table"));
            }
            return true;
        }
    }
}

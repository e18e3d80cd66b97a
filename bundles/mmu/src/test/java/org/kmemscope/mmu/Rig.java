package org.kmemscope.mmu;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.ArchSpec.Tables;
import org.kmemscope.api.ground.BootOptions;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelSpec;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.mmu.TableSource;
import org.kmemscope.api.phys.MmioDevice;
import org.kmemscope.api.phys.PhysicalMemory;
import org.kmemscope.api.phys.RamRange;
import org.kmemscope.physmem.SparseMemoryProvider;

/** An MMU with RAM below it and nothing above: 1 GiB at 0 (i386) or at 1 GiB (ARM), and some above 4 GiB. */
final class Rig {
    static final long GIB = 1L << 30;
    static final long PAGE = Profile.PAGE_SIZE;
    static final long DEVICE_OFFSET = 3L << 29;

    final Tables tables;
    final Profile profile;
    final AddressLayout layout;
    final PhysicalMemory ram;
    final Frames frames;
    final Context context = new Context();
    final Registers registers;
    final Mmu mmu;

    private Rig(Builder builder, PhysicalMemory ram) {
        tables = builder.tables;
        boolean arm = tables == Tables.ARM_SHORT || tables == Tables.ARM_LPAE;
        long physOffset = arm ? GIB : 0;
        profile = new Profile(
                "rig",
                "test",
                new KernelSpec(
                        KernelVersion.parse(builder.version),
                        builder.version,
                        new KernelConfig(builder.config),
                        BootOptions.parse(builder.options),
                        32,
                        0),
                new ArchSpec(arm ? Arch.ARM : Arch.I386, tables, 3 * GIB, physOffset, 64, builder.tlbEntries, !arm),
                2,
                List.of(),
                false,
                0,
                List.of(),
                Map.of());
        int firstPfn = (int) (physOffset >>> 12);
        layout = new AddressLayout(
                3 * GIB,
                physOffset,
                firstPfn,
                firstPfn + 0x30000,
                firstPfn + 0x40000,
                0xf000_0000L,
                0xf080_0000L,
                0xff80_0000L,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                List.of(),
                Map.of());
        this.ram = ram;
        registers = new Registers(physOffset + DEVICE_OFFSET);
        ram.addDevice(registers);
        frames = new Frames(firstPfn + 0x100, builder.given);
        mmu = new PageTableMmuProvider().create(profile, layout, ram, context, frames);
    }

    /** How a rig is made: 2.6.38, or 3.8 on ARM, SMP, TLBs of 64 entries, unless told otherwise. */
    static final class Builder {
        private final Tables tables;
        private String version;
        private Map<String, String> config = Map.of("SMP", "y");
        private String options = "";
        private int tlbEntries = 64;
        private List<Integer> given = List.of();

        private Builder(Tables tables) {
            this.tables = tables;
            version = tables == Tables.ARM_SHORT || tables == Tables.ARM_LPAE ? "3.8.13" : "2.6.38";
        }

        Builder version(String text) {
            version = text;
            return this;
        }

        Builder config(Map<String, String> options) {
            config = options;
            return this;
        }

        Builder options(String commandLine) {
            options = commandLine;
            return this;
        }

        Builder tlbEntries(int entries) {
            tlbEntries = entries;
            return this;
        }

        /** The frames that tables get first. */
        Builder frames(Integer... pfns) {
            given = List.of(pfns);
            return this;
        }

        Rig build() {
            boolean arm = tables == Tables.ARM_SHORT || tables == Tables.ARM_LPAE;
            long start = arm ? GIB : 0;
            return new Rig(
                    this,
                    new SparseMemoryProvider()
                            .createRam(List.of(
                                    new RamRange(start, start + GIB), new RamRange(4 * GIB, 4 * GIB + (GIB >> 4)))));
        }
    }

    static Builder of(Tables tables) {
        return new Builder(tables);
    }

    static Rig plain(Tables tables) {
        return of(tables).build();
    }

    /** An address of RAM, counted from the start of RAM. */
    long phys(long offset) {
        return layout.physOffset() + offset;
    }

    long word(long at) {
        return tables == Tables.I386_2LEVEL || tables == Tables.ARM_SHORT
                ? Integer.toUnsignedLong(ram.read32(at))
                : ram.read64(at);
    }

    void setWord(long at, long value) {
        if (tables == Tables.I386_2LEVEL || tables == Tables.ARM_SHORT) {
            ram.write32(at, (int) value);
        } else {
            ram.write64(at, value);
        }
    }

    /** Where the last entry of a walk stands. */
    long entryAddress(long virt) {
        var levels = mmu.walk(virt).levels();
        return levels.get(levels.size() - 1).entryAddress();
    }

    long entry(long virt) {
        return word(entryAddress(virt));
    }

    List<String> problems() {
        Report report = new Report();
        mmu.verify(report);
        return report.problems;
    }

    /** Hands out frames upwards. */
    static final class Frames implements TableSource {
        private final Deque<Integer> given;
        private int next;
        int left = Integer.MAX_VALUE;

        Frames(int first, List<Integer> given) {
            next = first;
            this.given = new ArrayDeque<>(given);
        }

        @Override
        public int tableFrames(int order) {
            if (left == 0) {
                return -1;
            }
            left--;
            if (!given.isEmpty()) {
                return given.remove();
            }
            int count = 1 << order;
            int pfn = next + count - 1 & -count;
            next = pfn + count;
            return pfn;
        }

        @Override
        public void releaseTableFrame(int pfn) {
            throw new AssertionError("the kernel frees no tables");
        }
    }

    /** A CPU and a task that tests set. */
    static final class Context implements ExecutionContext {
        int cpu;
        int pid;

        @Override
        public int cpu() {
            return cpu;
        }

        @Override
        public int pid() {
            return pid;
        }

        @Override
        public String comm() {
            return "test";
        }

        @Override
        public int callSite() {
            return 0;
        }

        @Override
        public boolean inInterrupt() {
            return false;
        }

        @Override
        public boolean inHardirq() {
            return false;
        }

        @Override
        public boolean inAtomic() {
            return false;
        }

        @Override
        public boolean irqsDisabled() {
            return false;
        }

        @Override
        public int preemptCount() {
            return 0;
        }

        @Override
        public void preemptDisable() {}

        @Override
        public void preemptEnable() {}

        @Override
        public boolean isMemalloc() {
            return false;
        }

        @Override
        public void mightSleep(String where) {}
    }

    /** Sixteen registers. */
    static final class Registers implements MmioDevice {
        final int[] values = new int[16];
        private final long base;

        Registers(long base) {
            this.base = base;
        }

        @Override
        public String name() {
            return "registers";
        }

        @Override
        public long base() {
            return base;
        }

        @Override
        public long size() {
            return PAGE;
        }

        @Override
        public int read32(long offset) {
            return values[(int) offset / 4];
        }

        @Override
        public void write32(long offset, int value) {
            values[(int) offset / 4] = value;
        }
    }

    /** Keeps what is reported. */
    static final class Report implements Verification {
        final List<String> problems = new ArrayList<>();
        final List<String> claims = new ArrayList<>();
        long checks;

        @Override
        public void checked(long count) {
            checks += count;
        }

        @Override
        public void check(boolean holds, String format, Object... arguments) {
            checks++;
            if (!holds) {
                problem(format, arguments);
            }
        }

        @Override
        public void problem(String format, Object... arguments) {
            problems.add(String.format(format, arguments));
        }

        @Override
        public void claim(int pfn, int count, String state) {
            claims.add(String.format("%x+%d %s", pfn, count, state));
        }
    }
}

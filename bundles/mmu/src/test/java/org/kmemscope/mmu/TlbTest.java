package org.kmemscope.mmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.ground.ArchSpec.Tables;
import org.kmemscope.api.mmu.Mmu.TlbCounters;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.mmu.TlbEntry;
import org.kmemscope.api.view.AddressFact;

class TlbTest {
    private static final long VIRT = 0xf810_3000L;
    private static final int ACCESSED_AND_DIRTY = 0x60;
    private static final int PAGE_BYTES = (int) Rig.PAGE;

    @ParameterizedTest
    @EnumSource(Tables.class)
    void whoForgetsToFlushKeepsReadingTheOldFrame(Tables tables) {
        Rig rig = Rig.plain(tables);
        long before = rig.phys(0x20_0000);
        long after = rig.phys(0x30_0000);
        rig.ram.write32(before, 1);
        rig.ram.write32(after, 2);
        rig.mmu.map(VIRT, before, Protection.KERNEL);
        assertThat(rig.mmu.read32(VIRT)).isEqualTo(1);
        rig.mmu.setEntry(VIRT, after, Protection.KERNEL);
        assertThat(rig.mmu.read32(VIRT)).isEqualTo(1);
        rig.mmu.write32(VIRT + 8, 7);
        assertThat(rig.ram.read32(before + 8)).isEqualTo(7);
        assertThat(rig.mmu.lookup(VIRT)).isEqualTo(after);
        assertThat(rig.mmu.tlb(0)).containsExactly(new TlbEntry(0, VIRT, before, true, false, true));
        assertThat(factsOf(rig, VIRT)).anyMatch(text -> text.startsWith("stale on CPU 0: still leads to"));
        assertThat(rig.problems()).isEmpty();

        rig.mmu.flushLocalPage(VIRT);
        assertThat(rig.mmu.read32(VIRT)).isEqualTo(2);
        assertThat(rig.mmu.tlb(0)).containsExactly(new TlbEntry(0, VIRT, after, true, false, false));
        assertThat(factsOf(rig, VIRT)).hasSize(1);
    }

    private static List<String> factsOf(Rig rig, long virt) {
        List<AddressFact> facts = new ArrayList<>();
        rig.mmu.describe(virt, facts);
        return facts.stream().map(AddressFact::text).toList();
    }

    @ParameterizedTest
    @EnumSource(Tables.class)
    void anUnmappedPageAnswersUntilItsFlush(Tables tables) {
        Rig rig = Rig.plain(tables);
        rig.mmu.map(VIRT, rig.phys(0x20_0000), Protection.KERNEL);
        rig.mmu.read8(VIRT);
        assertThat(rig.mmu.unmap(VIRT)).isEqualTo(rig.phys(0x20_0000));
        assertThat(rig.mmu.unmap(VIRT)).isEqualTo(-1);
        assertThat(rig.mmu.read8(VIRT)).isZero();
        rig.mmu.flushRange(VIRT, VIRT + Rig.PAGE);
        assertThatThrownBy(() -> rig.mmu.read8(VIRT)).isInstanceOf(KernelOops.class);
    }

    @Test
    void aLocalFlushLeavesTheOtherCpuAlone() {
        Rig rig = Rig.plain(Tables.I386_PAE);
        rig.mmu.map(VIRT, 0x20_0000, Protection.KERNEL);
        for (int cpu = 0; cpu < 2; cpu++) {
            rig.context.cpu = cpu;
            assertThat(rig.mmu.translate(VIRT, false)).isEqualTo(0x20_0000);
        }
        rig.mmu.setEntry(VIRT, 0x30_0000, Protection.KERNEL);
        rig.mmu.flushLocalPage(VIRT);
        assertThat(rig.mmu.translate(VIRT, false)).isEqualTo(0x30_0000);
        rig.context.cpu = 0;
        assertThat(rig.mmu.translate(VIRT, false)).isEqualTo(0x20_0000);
        rig.mmu.flushAll();
        assertThat(rig.mmu.translate(VIRT, false)).isEqualTo(0x30_0000);
    }

    @ParameterizedTest
    @EnumSource(Tables.class)
    void oneFlushTakesEveryPieceOfALargePageAndNothingElse(Tables tables) {
        Rig rig = Rig.plain(tables);
        long linear = 0xc000_0000L;
        long size = rig.mmu.largePageSize();
        rig.mmu.mapLarge(linear, rig.phys(0), Protection.KERNEL);
        rig.mmu.mapLarge(linear + size, rig.phys(size), Protection.KERNEL);
        rig.mmu.map(VIRT + 0x10_000, rig.phys(0), Protection.KERNEL);
        for (long offset = 0; offset < 8 * Rig.PAGE; offset += Rig.PAGE) {
            assertThat(rig.mmu.translate(linear + offset + 5, true)).isEqualTo(rig.phys(offset + 5));
        }
        rig.mmu.translate(linear + size + 0x9000, false);
        rig.mmu.translate(VIRT + 0x10_000, false);
        assertThat(rig.mmu.tlb(0)).hasSize(10);
        rig.mmu.flushLocalPage(linear + size - 1);
        assertThat(rig.mmu.tlb(0))
                .containsExactly(
                        new TlbEntry(0, linear + size + 0x9000, rig.phys(size + 0x9000), true, true, false),
                        new TlbEntry(0, VIRT + 0x10_000, rig.phys(0), true, false, false));
    }

    @Test
    void oldX86KernelsFlushEverythingWhereNewOnesFlushARange() {
        assertThat(leftAfterFlushOfOnePage("3.5")).isZero();
        assertThat(leftAfterFlushOfOnePage("3.6")).isEqualTo(1);
        assertThat(leftAfterFlushOfOnePage("6.1")).isEqualTo(1);
    }

    private static int leftAfterFlushOfOnePage(String version) {
        Rig rig = Rig.of(Tables.I386_PAE).version(version).build();
        for (long virt = VIRT; virt < VIRT + 2 * Rig.PAGE; virt += Rig.PAGE) {
            rig.mmu.map(virt, 0x20_0000, Protection.KERNEL);
            rig.mmu.read8(virt);
        }
        rig.mmu.flushRange(VIRT, VIRT + Rig.PAGE);
        return rig.mmu.tlb(0).size();
    }

    @Test
    void aRangeOfMoreThan33PagesFlushesEverythingOnX86ButNotOnArm() {
        for (Tables tables : List.of(Tables.I386_PAE, Tables.ARM_SHORT)) {
            Rig rig = Rig.of(tables).version("6.1").build();
            rig.mmu.map(VIRT, rig.phys(0), Protection.KERNEL);
            rig.mmu.read8(VIRT);
            rig.mmu.flushRange(VIRT + Rig.PAGE, VIRT + 34 * Rig.PAGE);
            assertThat(rig.mmu.tlb(0)).hasSize(1);
            rig.mmu.flushRange(VIRT + Rig.PAGE, VIRT + 35 * Rig.PAGE);
            assertThat(rig.mmu.tlb(0)).hasSize(tables == Tables.ARM_SHORT ? 1 : 0);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Tables.class,
            names = {"I386_2LEVEL", "I386_PAE"})
    void i386SetsAccessedOnAWalkAndDirtyOnAWrite(Tables tables) {
        Rig rig = Rig.plain(tables);
        rig.mmu.map(VIRT, 0x20_0000, Protection.KERNEL);
        long at = rig.entryAddress(VIRT);
        long clean = rig.word(at) & ~ACCESSED_AND_DIRTY;
        rig.setWord(at, clean);
        assertThat(rig.mmu.lookup(VIRT)).isEqualTo(0x20_0000);
        assertThat(rig.word(at)).isEqualTo(clean);
        rig.mmu.read32(VIRT);
        assertThat(rig.word(at)).isEqualTo(clean | 0x20);
        rig.mmu.read32(VIRT);
        assertThat(rig.mmu.counters()).isEqualTo(new TlbCounters(1, 1, 0));
        rig.mmu.write32(VIRT, 1);
        assertThat(rig.word(at)).isEqualTo(clean | 0x60);
        rig.mmu.write32(VIRT, 1);
        assertThat(rig.mmu.counters()).isEqualTo(new TlbCounters(2, 2, 0));
    }

    @Test
    void aWriteThroughACleanEntryWalksAgainAndSoSeesTheNewFrame() {
        Rig rig = Rig.plain(Tables.I386_2LEVEL);
        rig.mmu.map(VIRT, 0x20_0000, Protection.KERNEL);
        rig.setWord(rig.entryAddress(VIRT), 0x20_0000 | 0x123);
        assertThat(rig.mmu.translate(VIRT, false)).isEqualTo(0x20_0000);
        rig.setWord(rig.entryAddress(VIRT), 0x30_0000 | 0x123);
        assertThat(rig.mmu.translate(VIRT, false)).isEqualTo(0x20_0000);
        assertThat(rig.mmu.translate(VIRT, true)).isEqualTo(0x30_0000);
        assertThat(rig.mmu.translate(VIRT, false)).isEqualTo(0x30_0000);
    }

    @ParameterizedTest
    @EnumSource(
            value = Tables.class,
            names = {"ARM_SHORT", "ARM_LPAE"})
    void armLeavesTheBitsToLinux(Tables tables) {
        Rig rig = Rig.plain(tables);
        rig.mmu.map(VIRT, rig.phys(0x20_0000), Protection.KERNEL);
        long before = rig.entry(VIRT);
        rig.mmu.write32(VIRT, 1);
        assertThat(rig.entry(VIRT)).isEqualTo(before);
    }

    @Test
    void x86RetriesAWriteThatAStaleReadOnlyEntryForbids() {
        Rig rig = Rig.plain(Tables.I386_PAE);
        rig.mmu.map(VIRT, 0x20_0000, Protection.KERNEL_RO);
        rig.mmu.read8(VIRT);
        rig.mmu.setEntry(VIRT, 0x20_0000, Protection.KERNEL);
        assertThat(rig.mmu.translate(VIRT, true)).isEqualTo(0x20_0000);
    }

    @Test
    void aFaultDropsTheEntryOnX86ButNotOnArm() {
        for (Tables tables : Tables.values()) {
            Rig rig = Rig.plain(tables);
            rig.mmu.map(VIRT, rig.phys(0x20_0000), Protection.KERNEL_RO);
            rig.mmu.read8(VIRT);
            assertThatThrownBy(() -> rig.mmu.write8(VIRT, 1)).isInstanceOf(KernelOops.class);
            boolean arm = tables == Tables.ARM_SHORT || tables == Tables.ARM_LPAE;
            assertThat(rig.mmu.tlb(0)).hasSize(arm ? 1 : 0);
        }
    }

    @Test
    void armTakesAStaleReadOnlyEntryAtItsWord() {
        Rig rig = Rig.plain(Tables.ARM_SHORT);
        long phys = rig.phys(0x20_0000);
        rig.mmu.map(VIRT, phys, Protection.KERNEL_RO);
        rig.mmu.read8(VIRT);
        rig.mmu.setEntry(VIRT, phys, Protection.KERNEL);
        assertThatThrownBy(() -> rig.mmu.translate(VIRT, true)).isInstanceOf(KernelOops.class);
        assertThat(rig.mmu.tlb(0)).containsExactly(new TlbEntry(0, VIRT, phys, false, false, true));
        rig.mmu.flushLocalPage(VIRT);
        assertThat(rig.mmu.translate(VIRT, true)).isEqualTo(phys);
    }

    @Test
    void entriesOfTheSameSlotReplaceEachOther() {
        Rig rig = Rig.of(Tables.I386_2LEVEL).tlbEntries(16).build();
        rig.mmu.map(VIRT, 0x20_0000, Protection.KERNEL);
        rig.mmu.map(VIRT + 16 * Rig.PAGE, 0x30_0000, Protection.KERNEL);
        rig.mmu.read8(VIRT);
        rig.mmu.unmap(VIRT);
        rig.mmu.read8(VIRT + 16 * Rig.PAGE);
        assertThatThrownBy(() -> rig.mmu.read8(VIRT)).isInstanceOf(KernelOops.class);
    }

    @Test
    void aTlbHasAPowerOfTwoOfEntries() {
        assertThatThrownBy(() -> Rig.of(Tables.I386_2LEVEL).tlbEntries(24).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("24");
    }

    @ParameterizedTest
    @EnumSource(Tables.class)
    void accessesAllocateNothing(Tables tables) {
        assumeThat(ManagementFactory.getThreadMXBean()).isInstanceOf(ThreadMXBean.class);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assumeThat(threads.isThreadAllocatedMemorySupported()).isTrue();
        Rig rig = Rig.of(tables).tlbEntries(8).build();
        for (int page = 0; page < 16; page++) {
            rig.mmu.map(VIRT + page * Rig.PAGE, rig.phys(page * Rig.PAGE), Protection.KERNEL);
        }
        byte[] bytes = new byte[3 * PAGE_BYTES];
        work(rig, bytes, 2_000);
        long id = Thread.currentThread().getId();
        long best = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5 && best > 0; attempt++) {
            long before = threads.getThreadAllocatedBytes(id);
            work(rig, bytes, 2_000);
            best = Math.min(best, threads.getThreadAllocatedBytes(id) - before);
        }
        // 2000 rounds of 60 accesses, half of them misses: one object each would be megabytes
        assertThat(best).isLessThan(4_096);
    }

    private static void work(Rig rig, byte[] bytes, int rounds) {
        for (int round = 0; round < rounds; round++) {
            for (int page = 0; page < 16; page++) {
                long at = VIRT + page * Rig.PAGE + (round & 0xff8);
                rig.mmu.write32(at, round);
                rig.mmu.write8(at, rig.mmu.read8(at + 1));
                rig.mmu.write64(at, rig.mmu.read64(at));
            }
            rig.mmu.write32(VIRT + Rig.PAGE - 2, rig.mmu.read32(VIRT + 2 * Rig.PAGE - 1));
            rig.mmu.write(VIRT + 100, bytes, 0, bytes.length);
            rig.mmu.read(VIRT + 100, bytes, 0, bytes.length);
            rig.mmu.fill(VIRT + 100, bytes.length, round);
            rig.mmu.flushRange(VIRT, VIRT + 4 * Rig.PAGE);
        }
    }
}

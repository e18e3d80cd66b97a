package org.kmemscope.mmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kmemscope.api.error.BusError;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.ArchSpec.Tables;
import org.kmemscope.api.mmu.Protection;

class TableCheckTest {
    private static final long VIRT = 0xf810_3000L;

    @ParameterizedTest
    @EnumSource(Tables.class)
    void everyTableFrameIsClaimedOnce(Tables tables) {
        Rig rig = Rig.plain(tables);
        int top = tables == Tables.ARM_SHORT ? 4 : 1;
        int middle = tables == Tables.I386_PAE || tables == Tables.ARM_LPAE ? 1 : 0;
        assertThat(rig.mmu.tableFrames()).isEqualTo(top);
        rig.mmu.map(VIRT, rig.phys(0), Protection.KERNEL);
        rig.mmu.map(VIRT - 0x10_0000, rig.registers.base(), Protection.NOCACHE);
        Rig.Report report = new Rig.Report();
        rig.mmu.verify(report);
        assertThat(report.problems).isEmpty();
        assertThat(report.checks).isPositive();
        assertThat(report.claims).hasSize(2 + middle).doesNotHaveDuplicates();
        assertThat(report.claims.get(0)).endsWith("+" + top + " page table");
        assertThat(rig.mmu.tableFrames()).isEqualTo(top + middle + 1);
    }

    @ParameterizedTest
    @EnumSource(Tables.class)
    void aTableOutsideOfRamIsFound(Tables tables) {
        Rig rig = Rig.plain(tables);
        rig.mmu.map(VIRT, rig.phys(0), Protection.KERNEL);
        rig.mmu.read8(VIRT);
        long at = rig.mmu.walk(VIRT).levels().get(0).entryAddress();
        rig.setWord(at, rig.word(at) & 0xfff | 0xe000_0000L);
        assertThat(rig.problems()).anyMatch(text -> text.contains("at 0xe0000000, where there is no RAM"));
        assertThat(rig.mmu.walk(VIRT).levels()).hasSize(1);
        assertThat(rig.mmu.lookup(VIRT)).isEqualTo(-1);
        assertThat(rig.mmu.read8(VIRT)).isZero();
        rig.mmu.flushAll();
        assertThatThrownBy(() -> rig.mmu.read8(VIRT)).isInstanceOf(BusError.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = Tables.class,
            names = {"I386_PAE", "ARM_LPAE"})
    void aMappingBeyondWhatTheFormatReachesIsFound(Tables tables) {
        Rig rig = Rig.plain(tables);
        rig.mmu.map(VIRT, rig.phys(0), Protection.KERNEL);
        rig.setWord(rig.entryAddress(VIRT), rig.entry(VIRT) | 1L << 39);
        boolean reachable = tables == Tables.ARM_LPAE;
        assertThat(rig.problems().isEmpty()).isEqualTo(reachable);
    }

    @Test
    void aHardwareEntryThatLinuxDidNotWriteIsFound() {
        Rig rig = Rig.plain(Tables.ARM_SHORT);
        rig.mmu.map(VIRT, rig.phys(0x20_0000), Protection.KERNEL);
        rig.setWord(rig.entryAddress(VIRT), rig.entry(VIRT) ^ 0x1000);
        assertThat(rig.problems()).singleElement().asString().contains("does not follow from Linux's");
        // the hardware believes its own word
        assertThat(rig.mmu.lookup(VIRT)).isEqualTo(rig.phys(0x20_1000));
    }

    @Test
    void aWildBitMakesHardwareReadAnotherFrame() {
        Rig rig = Rig.plain(Tables.I386_2LEVEL);
        rig.mmu.mapLarge(0xc000_0000L, 0, Protection.KERNEL);
        rig.ram.write32(0x40_0010, 77);
        rig.mmu.write32(rig.mmu.kernelTable() + 0xc000_0000L + 0xc00, 0x40_01e3);
        assertThat(rig.mmu.lookup(0xc000_0010L)).isEqualTo(0x40_0010);
        rig.mmu.flushAll();
        assertThat(rig.mmu.read32(0xc000_0010L)).isEqualTo(77);
    }

    @Test
    void noFrameForATableIsNoMemory() {
        for (Tables tables : Tables.values()) {
            Rig rig = Rig.plain(tables);
            rig.frames.left = 0;
            assertThat(rig.mmu.map(VIRT, rig.phys(0), Protection.KERNEL)).isFalse();
            assertThat(rig.mmu.setEntry(VIRT, rig.phys(0), Protection.KERNEL)).isFalse();
            assertThat(rig.mmu.lookup(VIRT)).isEqualTo(-1);
            assertThat(rig.mmu.unmap(VIRT)).isEqualTo(-1);
            rig.mmu.setTableSource(new Rig.Frames((int) (rig.phys(0x80_0000) >>> 12), java.util.List.of()));
            assertThat(rig.mmu.map(VIRT, rig.phys(0), Protection.KERNEL)).isTrue();
        }
    }

    @Test
    void tablesArriveZeroed() {
        Rig rig = Rig.of(Tables.I386_PAE).frames(0x200, 0x201, 0x202).build();
        rig.ram.fill(0x20_1000, 0x2000, 0xff);
        rig.mmu.map(VIRT, 0, Protection.KERNEL);
        assertThat(rig.mmu.lookup(VIRT + Rig.PAGE)).isEqualTo(-1);
        assertThat(rig.mmu.lookup(VIRT + 0x20_0000)).isEqualTo(-1);
    }

    @Test
    void pagesDoNotFitIntoLargePages() {
        for (Tables tables : Tables.values()) {
            Rig rig = Rig.plain(tables);
            long linear = 0xc000_0000L;
            rig.mmu.mapLarge(linear, rig.phys(0), Protection.KERNEL);
            assertThatThrownBy(() -> rig.mmu.map(linear, rig.phys(0), Protection.KERNEL))
                    .isInstanceOf(KernelBug.class)
                    .hasMessageContaining("lies in a large page");
            assertThatThrownBy(() -> rig.mmu.unmap(linear)).isInstanceOf(KernelBug.class);
            rig.mmu.map(VIRT, rig.phys(0), Protection.KERNEL);
            long slot = VIRT & -rig.mmu.largePageSize();
            assertThatThrownBy(() -> rig.mmu.mapLarge(slot, rig.phys(0), Protection.KERNEL))
                    .isInstanceOf(KernelBug.class)
                    .hasMessageContaining("is in use");
        }
    }

    @Test
    void aTableTakesBothHalvesOfItsPairOnArm() {
        Rig rig = Rig.plain(Tables.ARM_SHORT);
        rig.mmu.mapLarge(0xc010_0000L, rig.phys(0), Protection.KERNEL);
        assertThatThrownBy(() -> rig.mmu.map(0xc000_0000L, rig.phys(0), Protection.KERNEL))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("a section shares the table");
        rig.mmu.mapLarge(0xc000_0000L, rig.phys(0x10_0000), Protection.KERNEL);
        assertThat(rig.mmu.lookup(0xc000_0010L)).isEqualTo(rig.phys(0x10_0010));
    }

    @Test
    void unalignedOrUnreachableAddressesAreRefused() {
        Rig rig = Rig.plain(Tables.I386_2LEVEL);
        assertThatThrownBy(() -> rig.mmu.map(VIRT + 1, 0, Protection.KERNEL))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rig.mmu.mapLarge(0xc000_0000L, 0x1000, Protection.KERNEL))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rig.mmu.map(VIRT, 1L << 32, Protection.KERNEL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too high");
    }
}

package org.kmemscope.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.ground.ArchSpec.Tables;
import org.kmemscope.api.mmu.Protection;

/** Words of the tables, worked out by hand from the manuals and the kernels' headers. */
class EntryBitsTest {
    private static final long VIRT = 0xf810_3000L;
    private static final long PHYS = 0x4567_8000L;
    private static final long LINEAR = 0xc000_0000L;

    private static long pageEntry(Rig rig, Protection protection) {
        rig.mmu.map(VIRT, PHYS, protection);
        return rig.entry(VIRT);
    }

    private static long largeEntry(Rig rig, long phys, Protection protection) {
        rig.mmu.mapLarge(LINEAR, phys, protection);
        return rig.entry(LINEAR);
    }

    @ParameterizedTest
    @CsvSource({
        // P RW A D G
        "2.6.38, KERNEL,       45678163",
        "2.6.38, KERNEL_EXEC,  45678163",
        "2.6.38, KERNEL_RO,    45678161",
        "2.6.38, DMA_COHERENT, 45678163",
        // 2.6.24 composes the word of ioremap itself; then PCD; 2.6.28 to 3.17 mark it with bit 10
        "2.6.24, NOCACHE,      45678073",
        "2.6.27, NOCACHE,      45678173",
        "2.6.38, NOCACHE,      45678573",
        "3.17,   NOCACHE,      45678573",
        "6.1,    NOCACHE,      45678173",
    })
    void pagesOfI386(String version, Protection protection, String expected) {
        Rig rig = Rig.of(Tables.I386_2LEVEL).version(version).build();
        assertThat(pageEntry(rig, protection)).isEqualTo(Long.parseLong(expected, 16));
    }

    @Test
    void theFirstFourMebibytesOfI386() {
        Rig rig = Rig.plain(Tables.I386_2LEVEL);
        assertThat(largeEntry(rig, 0, Protection.KERNEL)).isEqualTo(0x0000_01e3);
        rig.mmu.write32(LINEAR + 0x1234, 1);
        assertThat(rig.entry(LINEAR)).isEqualTo(0x0000_01e3);
        assertThat(rig.entryAddress(LINEAR)).isEqualTo(rig.mmu.kernelTable() + 0xc00);
        assertThat(rig.mmu.largePageSize()).isEqualTo(4L << 20);
    }

    @Test
    void largePagesOfI386ThatMayNotBeWritten() {
        assertThat(largeEntry(Rig.plain(Tables.I386_2LEVEL), 0x0040_0000, Protection.KERNEL_RO))
                .isEqualTo(0x0040_01e1);
    }

    @ParameterizedTest
    @CsvSource({
        "2.6.38, KERNEL,       8000000045678163",
        "2.6.38, KERNEL_EXEC,  0000000045678163",
        "2.6.38, KERNEL_RO,    8000000045678161",
        "2.6.24, NOCACHE,      0000000045678073",
        "2.6.38, NOCACHE,      8000000045678573",
        "6.1,    NOCACHE,      8000000045678173",
    })
    void pagesOfPae(String version, Protection protection, String expected) {
        Rig rig = Rig.of(Tables.I386_PAE).version(version).build();
        assertThat(pageEntry(rig, protection)).isEqualTo(Long.parseUnsignedLong(expected, 16));
    }

    @Test
    void paeReachesAboveFourGibibytes() {
        Rig rig = Rig.plain(Tables.I386_PAE);
        rig.mmu.map(VIRT, 0x1_0200_0000L, Protection.KERNEL);
        assertThat(rig.entry(VIRT)).isEqualTo(0x8000_0001_0200_0163L);
        rig.mmu.write32(VIRT + 4, 0x1234);
        assertThat(rig.ram.read32(0x1_0200_0004L)).isEqualTo(0x1234);
    }

    @Test
    void twoMebibytesOfPae() {
        Rig rig = Rig.plain(Tables.I386_PAE);
        assertThat(largeEntry(rig, 0x0020_0000, Protection.KERNEL)).isEqualTo(0x8000_0000_0020_01e3L);
        assertThat(rig.mmu.largePageSize()).isEqualTo(2L << 20);
        assertThat(largeEntry(Rig.plain(Tables.I386_PAE), 0x0020_0000, Protection.KERNEL_EXEC))
                .isEqualTo(0x0020_01e3);
    }

    @Test
    void noexecOffLeavesTheNxBitAlone() {
        Rig rig = Rig.of(Tables.I386_PAE).options("ro noexec=off").build();
        assertThat(pageEntry(rig, Protection.KERNEL)).isEqualTo(0x4567_8163L);
    }

    @Test
    void topEntriesOfPaeOnlySayPresent() {
        Rig rig = Rig.of(Tables.I386_PAE).frames(0x1000, 0x1001, 0x1002).build();
        rig.mmu.map(VIRT, PHYS, Protection.KERNEL);
        assertThat(rig.ram.read64(0x100_0018)).isEqualTo(0x100_1001);
        assertThat(rig.ram.read64(0x100_1000 + 8 * 0x1c0)).isEqualTo(0x100_2067);
        rig.mmu.translate(VIRT, true);
        assertThat(rig.ram.read64(0x100_0018)).isEqualTo(0x100_1001);
    }

    @ParameterizedTest
    @CsvSource({
        // Linux: present young dirty, type, shared, XN, read-only; hardware: small page, AP[0], TEX[0] C B, S, XN, APX
        "y, KERNEL,       4567865f, 4567845f",
        "y, KERNEL_EXEC,  4567845f, 4567845e",
        "y, KERNEL_RO,    456786df, 4567865f",
        "y, NOCACHE,      45678653, 45678453",
        "y, DMA_COHERENT, 45678647, 45678417",
        // one CPU: write-back without write-allocate, not shared, except for devices
        "n, KERNEL,       4567824f, 4567801f",
        "n, NOCACHE,      45678653, 45678453",
        "n, DMA_COHERENT, 45678247, 45678017",
    })
    void pagesOfArmAndWhatLinuxKeepsBesideThem(String smp, Protection protection, String linux, String hardware) {
        Rig rig = Rig.of(Tables.ARM_SHORT).config(Map.of("SMP", smp)).build();
        assertThat(pageEntry(rig, protection)).isEqualTo(Long.parseLong(hardware, 16));
        assertThat(rig.word(rig.entryAddress(VIRT) - 2048)).isEqualTo(Long.parseLong(linux, 16));
    }

    @Test
    void armTablesHangInPairs() {
        Rig rig = Rig.of(Tables.ARM_SHORT).frames(0x44004, 0x41914).build();
        rig.mmu.map(VIRT, PHYS, Protection.KERNEL);
        // 0xf81 is the odd half of its pair
        assertThat(rig.ram.read32(0x4400_4000L + 4 * 0xf80)).isEqualTo(0x4191_4811);
        assertThat(rig.ram.read32(0x4400_4000L + 4 * 0xf81)).isEqualTo(0x4191_4c11);
        assertThat(rig.entryAddress(VIRT)).isEqualTo(0x4191_4c00L + 4 * 3);
        assertThat(rig.ram.read32(0x4191_4400L + 4 * 3)).isEqualTo(0x4567_865f);
    }

    @ParameterizedTest
    @CsvSource({
        // section, AP[0], TEX[0] C B, S; XN where nothing is executed
        "y, KERNEL_EXEC,  4001140e",
        "y, KERNEL,       4001141e",
        "y, KERNEL_RO,    4001941e",
        "y, NOCACHE,      40011412",
        "y, DMA_COHERENT, 40010406",
        "n, KERNEL_EXEC,  4000040e",
    })
    void sectionsOfArm(String smp, Protection protection, String expected) {
        Rig rig = Rig.of(Tables.ARM_SHORT).config(Map.of("SMP", smp)).build();
        assertThat(largeEntry(rig, 0x4000_0000, protection)).isEqualTo(Long.parseLong(expected, 16));
        assertThat(rig.mmu.largePageSize()).isEqualTo(1L << 20);
    }

    @ParameterizedTest
    @CsvSource({
        // page, AF, inner shareable, AttrIndx 7; XN 54, dirty 55; AP[2] and, from 3.17, bit 58
        "6.1,  KERNEL,       00c000004567871f",
        "6.1,  KERNEL_EXEC,  008000004567871f",
        "6.1,  KERNEL_RO,    04c000004567879f",
        "3.8,  KERNEL_RO,    00c000004567879f",
        "6.1,  NOCACHE,      00c0000045678713",
        "6.1,  DMA_COHERENT, 00c0000045678707",
    })
    void pagesOfLpae(String version, Protection protection, String expected) {
        Rig rig = Rig.of(Tables.ARM_LPAE).version(version).build();
        assertThat(pageEntry(rig, protection)).isEqualTo(Long.parseLong(expected, 16));
    }

    @ParameterizedTest
    @CsvSource({
        "6.1, KERNEL_EXEC,  000000004000071d",
        "6.1, KERNEL,       004000004000071d",
        "6.1, KERNEL_RO,    044000004000079d",
        "6.1, NOCACHE,      0040000040000701",
        "6.1, DMA_COHERENT, 0000000040000705",
    })
    void blocksOfLpae(String version, Protection protection, String expected) {
        Rig rig = Rig.of(Tables.ARM_LPAE).version(version).build();
        assertThat(largeEntry(rig, 0x4000_0000, protection)).isEqualTo(Long.parseLong(expected, 16));
        assertThat(rig.mmu.largePageSize()).isEqualTo(2L << 20);
    }

    @Test
    void tablesOfLpae() {
        Rig rig = Rig.of(Tables.ARM_LPAE).frames(0x41000, 0x41001, 0x41002).build();
        rig.mmu.map(VIRT, PHYS, Protection.KERNEL);
        assertThat(rig.ram.read64(0x4100_0018)).isEqualTo(0x4100_1003);
        assertThat(rig.ram.read64(0x4100_1000 + 8 * 0x1c0)).isEqualTo(0x4100_2003);
    }
}

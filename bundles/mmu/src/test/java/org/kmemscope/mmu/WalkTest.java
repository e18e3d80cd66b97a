package org.kmemscope.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.ground.ArchSpec.Tables;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.mmu.Walk;
import org.kmemscope.api.view.AddressFact;

class WalkTest {
    private static final long VIRT = 0xf810_3000L;

    private static List<String> lines(Walk walk) {
        return walk.levels().stream()
                .map(it -> String.format(
                        "%s[%d] %x => %x%s (%s)",
                        it.table(),
                        it.index(),
                        it.entryAddress(),
                        it.value(),
                        it.present() ? "" : " absent",
                        it.flags()))
                .toList();
    }

    private static String fact(Rig rig, long virt) {
        List<AddressFact> facts = new ArrayList<>();
        rig.mmu.describe(virt, facts);
        assertThat(facts).hasSize(1);
        assertThat(facts.get(0).layer()).isEqualTo("mmu");
        return facts.get(0).text();
    }

    @Test
    void i386TellsWhatTheCrashUtilityTells() {
        Rig rig = Rig.of(Tables.I386_2LEVEL).frames(0x101, 0x1f09).build();
        rig.mmu.map(VIRT, 0x123_4000, Protection.NOCACHE);
        Walk walk = rig.mmu.walk(VIRT + 0x10);
        assertThat(lines(walk))
                .containsExactly(
                        "PGD[992] 101f80 => 1f09067 (PRESENT|RW|USER|ACCESSED|DIRTY)",
                        "PTE[259] 1f0940c => 1234573 (PRESENT|RW|PCD|ACCESSED|DIRTY|GLOBAL)");
        assertThat(walk.phys()).isEqualTo(0x123_4010);
        assertThat(walk.pageSize()).isEqualTo(4096);
        assertThat(fact(rig, VIRT + 5))
                .isEqualTo("4k page 0x01234000, rw, exec, uncached, global; PTE 0x01f0940c = 0x1234573");
    }

    @Test
    void paeHasThreeLevelsAndNx() {
        Rig rig = Rig.of(Tables.I386_PAE).frames(0x101, 0x102, 0x1f09).build();
        rig.mmu.map(VIRT, 0x123_4000, Protection.KERNEL);
        rig.mmu.mapLarge(0xc000_0000L, 0x20_0000, Protection.KERNEL_EXEC);
        assertThat(lines(rig.mmu.walk(VIRT)))
                .containsExactly(
                        "PGD[3] 101018 => 102001 (PRESENT)",
                        "PMD[448] 102e00 => 1f09067 (PRESENT|RW|USER|ACCESSED|DIRTY)",
                        "PTE[259] 1f09818 => 8000000001234163 (PRESENT|RW|ACCESSED|DIRTY|GLOBAL|NX)");
        Walk large = rig.mmu.walk(0xc012_3456L);
        assertThat(lines(large))
                .containsExactly(
                        "PGD[3] 101018 => 102001 (PRESENT)",
                        "PMD[0] 102000 => 2001e3 (PRESENT|RW|ACCESSED|DIRTY|PSE|GLOBAL)");
        assertThat(large.phys()).isEqualTo(0x32_3456);
        assertThat(large.pageSize()).isEqualTo(2 << 20);
        assertThat(fact(rig, 0xc012_3456L))
                .isEqualTo("2M page 0x00200000, rw, exec, cached, global; PMD 0x00102000 = 0x2001e3");
    }

    @Test
    void armShowsLinuxsWordAndTheHardwares() {
        Rig rig = Rig.of(Tables.ARM_SHORT).frames(0x44004, 0x41914).build();
        rig.mmu.map(VIRT, 0x4567_8000, Protection.KERNEL);
        rig.mmu.mapLarge(0xc000_0000L, 0x4000_0000, Protection.KERNEL_EXEC);
        assertThat(lines(rig.mmu.walk(VIRT)))
                .containsExactly(
                        "PGD[3969] 44007e04 => 41914c11 (PRESENT|TABLE|DOMAIN0)",
                        "PTE[3] 4191440c => 4567865f (PRESENT|DIRTY|YOUNG|WRITE|SHARED|WRITEALLOC)",
                        "PPTE[3] 41914c0c => 4567845f (PRESENT|WRITE|GLOBAL|SHARED|TEX1|C|B)");
        assertThat(lines(rig.mmu.walk(0xc000_1000L)))
                .containsExactly("PGD[3072] 44007000 => 4001140e"
                        + " (PRESENT|WRITE|EXEC|GLOBAL|SHARED|TEX1|C|B|SECTION|DOMAIN0)");
        assertThat(fact(rig, 0xc000_1000L))
                .isEqualTo("1M page 0x40000000, rw, exec, cached, global; PGD 0x44007000 = 0x4001140e");
    }

    @Test
    void lpaeTellsItsAttributes() {
        Rig rig = Rig.of(Tables.ARM_LPAE)
                .version("6.1")
                .frames(0x41000, 0x41001, 0x41002)
                .build();
        rig.mmu.map(VIRT, 0x4567_8000, Protection.KERNEL_RO);
        rig.mmu.mapLarge(0xc000_0000L, 0x4000_0000, Protection.KERNEL_EXEC);
        assertThat(lines(rig.mmu.walk(VIRT)))
                .containsExactly(
                        "PGD[3] 41000018 => 41001003 (PRESENT|TABLE)",
                        "PMD[448] 41001e00 => 41002003 (PRESENT|TABLE)",
                        "PTE[259] 41002818 => 4c000004567879f" + " (PRESENT|DIRTY|YOUNG|GLOBAL|SHARED|WRITEALLOC)");
        assertThat(lines(rig.mmu.walk(0xc000_1000L)).get(1))
                .isEqualTo(
                        "PMD[0] 41001000 => 4000071d" + " (PRESENT|YOUNG|WRITE|EXEC|GLOBAL|SHARED|WRITEALLOC|SECTION)");
    }

    @Test
    void aWalkEndsAtTheFirstEntryThatIsNotPresent() {
        for (Tables tables : Tables.values()) {
            Rig rig = Rig.plain(tables);
            Walk walk = rig.mmu.walk(0x10);
            assertThat(walk.levels()).hasSize(1);
            assertThat(walk.levels().get(0).present()).isFalse();
            assertThat(walk.levels().get(0).flags()).isEmpty();
            assertThat(walk.mapped()).isFalse();
            assertThat(fact(rig, 0x10)).isEqualTo(String.format("not mapped; PGD 0x%08x = 0x0", rig.mmu.kernelTable()));
            rig.mmu.map(VIRT, rig.phys(0), Protection.KERNEL);
            assertThat(rig.mmu.walk(VIRT + Rig.PAGE).levels()).hasSizeGreaterThan(1);
            assertThat(rig.mmu.walk(VIRT + Rig.PAGE).phys()).isEqualTo(-1);
        }
    }
}

package org.kmemscope.mmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.ground.ArchSpec.Tables;
import org.kmemscope.api.mmu.Protection;

class FaultTest {
    private static final Map<String, String> PAN = Map.of("SMP", "y", "CPU_SW_DOMAIN_PAN", "y");

    private static KernelOops fault(Rig rig, long virt, boolean write) {
        return catchThrowableOfType(KernelOops.class, () -> rig.mmu.translate(virt, write));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            I386_2LEVEL | 2.6.24 | f8a04000 | BUG: unable to handle kernel paging request at virtual address f8a04000
            I386_2LEVEL | 2.6.24 | 00000000 | BUG: unable to handle kernel NULL pointer dereference at virtual address 00000000
            I386_2LEVEL | 2.6.29 | 00000000 | BUG: unable to handle kernel NULL pointer dereference at 00000000
            I386_PAE    | 2.6.32 | 00000000 | BUG: unable to handle kernel NULL pointer dereference at (null)
            I386_2LEVEL | 2.6.38 | 00000000 | 'BUG: unable to handle kernel NULL pointer dereference at   (null)'
            I386_2LEVEL | 2.6.38 | 00000014 | BUG: unable to handle kernel NULL pointer dereference at 00000014
            I386_2LEVEL | 3.2    | 00001000 | BUG: unable to handle kernel paging request at 00001000
            I386_PAE    | 4.19   | 00000000 | BUG: unable to handle kernel NULL pointer dereference at 00000000
            I386_PAE    | 5.1    | f8a04000 | BUG: unable to handle page fault for address: f8a04000
            I386_PAE    | 6.1    | 00000000 | BUG: kernel NULL pointer dereference, address: 00000000
            ARM_SHORT   | 3.0    | f093c000 | Unable to handle kernel paging request at virtual address f093c000
            ARM_SHORT   | 3.8.13 | 00000010 | Unable to handle kernel NULL pointer dereference at virtual address 00000010
            ARM_LPAE    | 6.1    | f093c000 | Unable to handle kernel paging request at virtual address f093c000
            ARM_LPAE    | 6.16   | f093c000 | Unable to handle kernel paging request at virtual address f093c000 when write
            """)
    void eachEraHasItsWords(Tables tables, String version, String virt, String words) {
        Rig rig = Rig.of(tables).version(version).build();
        KernelOops oops = fault(rig, Long.parseLong(virt, 16), true);
        assertThat(oops).hasMessage(words);
        assertThat(oops.address()).isEqualTo(Long.parseLong(virt, 16));
    }

    @Test
    void aWriteToAReadOnlyPageFaultsAndChangesNothing() {
        for (Tables tables : Tables.values()) {
            Rig rig = Rig.plain(tables);
            rig.mmu.map(0xf800_0000L, rig.phys(0x20_0000), Protection.KERNEL_RO);
            assertThat(rig.mmu.read32(0xf800_0ffcL)).isZero();
            KernelOops oops = catchThrowableOfType(KernelOops.class, () -> rig.mmu.write32(0xf800_0ffcL, 1));
            assertThat(oops.address()).isEqualTo(0xf800_0ffcL);
            assertThat(rig.ram.read32(rig.phys(0x20_0ffc))).isZero();
        }
    }

    @Test
    void aTableCanTakeRightsAwayFromAllItsPages() {
        // RW of i386's upper entries, APTable[1] of LPAE's
        checkReadOnlyTable(Tables.I386_2LEVEL, 0, 1 << 1, 0);
        checkReadOnlyTable(Tables.I386_PAE, 1, 1 << 1, 0);
        checkReadOnlyTable(Tables.ARM_LPAE, 0, 0, 1L << 62);
        checkReadOnlyTable(Tables.ARM_LPAE, 1, 0, 1L << 62);
    }

    private static void checkReadOnlyTable(Tables tables, int level, long cleared, long set) {
        Rig rig = Rig.plain(tables);
        rig.mmu.map(0xf800_0000L, rig.phys(0x20_0000), Protection.KERNEL);
        long at = rig.mmu.walk(0xf800_0000L).levels().get(level).entryAddress();
        rig.setWord(at, rig.word(at) & ~cleared | set);
        assertThat(rig.mmu.translate(0xf800_0000L, false)).isEqualTo(rig.phys(0x20_0000));
        assertThat(fault(rig, 0xf800_0000L, true)).isNotNull();
    }

    @Test
    void nullIsADomainFaultWhereTheKernelHasNoAccessToUserSpace() {
        Rig rig = Rig.of(Tables.ARM_SHORT).version("6.1").config(PAN).build();
        rig.context.pid = 270;
        assertThat(fault(rig, 0x10, true))
                .hasMessage(captured("armmp null_deref").get(0));
        assertThat(fault(rig, 0x10, false)).hasMessage("Unhandled fault: page domain fault (0x01b) at 0x00000010");
        assertThat(fault(rig, 0, true))
                .hasMessage(captured("armmp highmem_deref").get(0));
        rig.context.pid = 0;
        assertThat(fault(rig, 0x10, true))
                .hasMessage("Unable to handle kernel NULL pointer dereference at virtual address 00000010");
    }

    @Test
    void touchingAGuardPageReadsAsOnTheRealKernels() {
        // frames: as the captures show them; the pdpt there is the task's, whose entry is a copy of the kernel's
        checkCapture(Rig.of(Tables.I386_PAE).frames(0x1e93, 0x1e94, 0x20fc), "686-pae vmalloc_guard", 0xf781_6000L);
        checkCapture(Rig.of(Tables.I386_PAE).frames(0x1e93, 0x1e94, 0x28f1), "686-pae touch_freed", 0xf7b6_0000L);
        checkCapture(Rig.of(Tables.I386_2LEVEL).frames(0x1e93, 0x2101), "686 vmalloc_guard", 0xf741_6000L);
        checkCapture(Rig.of(Tables.ARM_SHORT).frames(0x40204, 0x41914), "armmp vmalloc_guard", 0xf093_c000L);
        checkCapture(Rig.of(Tables.ARM_SHORT).frames(0x40204, 0x41c7f), "armmp touch_freed", 0xf0b3_b000L);
    }

    /** The page before the address is mapped, as it was there. */
    private static void checkCapture(Rig.Builder builder, String name, long virt) {
        Rig rig = builder.version("6.1").build();
        rig.mmu.map(virt - Rig.PAGE, rig.phys(0x20_0000), Protection.KERNEL);
        List<String> lines = captured(name);
        assertThat(fault(rig, virt, true)).hasMessage(lines.get(0));
        assertThat(rig.mmu.oopsTables(virt)).containsExactlyElementsOf(lines.subList(1, lines.size()));
    }

    @Test
    void anAddressWithoutATableReadsAsOnTheRealKernels() {
        Rig pae = Rig.of(Tables.I386_PAE).version("6.1").frames(0x1e93, 0x1e94).build();
        pae.mmu.map(0xf800_0000L, 0, Protection.KERNEL);
        List<String> lines = captured("686-pae kfree_garbage");
        assertThat(fault(pae, 0xf71a_62ccL, false)).hasMessage(lines.get(0));
        assertThat(pae.mmu.oopsTables(0xf71a_62ccL)).containsExactly(lines.get(1));

        Rig arm = Rig.of(Tables.ARM_SHORT).version("6.1").build();
        lines = captured("armmp kfree_garbage");
        assertThat(fault(arm, 0xf028_85b8L, false)).hasMessage(lines.get(0));
        assertThat(arm.mmu.oopsTables(0xf028_85b8L)).containsExactly(lines.get(1));
    }

    @Test
    void sectionsAreBadTablesToTheOopsOfArm() {
        Rig rig = Rig.of(Tables.ARM_SHORT).frames(0x44004).build();
        rig.mmu.mapLarge(0xc000_0000L, 0x4000_0000, Protection.KERNEL_EXEC);
        assertThat(rig.mmu.oopsTables(0xc000_8000L)).containsExactly("pgd = c4004000", "[c0008000] *pgd=4001140e(bad)");
        Rig lpae =
                Rig.of(Tables.ARM_LPAE).version("6.1").frames(0x44004, 0x44005).build();
        lpae.mmu.mapLarge(0xc000_0000L, 0x4000_0000, Protection.KERNEL_EXEC);
        assertThat(lpae.mmu.oopsTables(0xc000_8000L)).containsExactly("[c0008000] *pgd=44005003, *pmd=4000071d(bad)");
    }

    /** The lines of one fault; see the head of the file for where they come from. */
    private static List<String> captured(String name) {
        try (InputStream in = FaultTest.class.getResourceAsStream("oops-6.1.txt")) {
            List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            int start = lines.indexOf("== " + name) + 1;
            int end = start;
            while (end < lines.size() && !lines.get(end).startsWith("==")) {
                end++;
            }
            return lines.subList(start, end).stream()
                    .map(line -> line.replaceFirst("^\\[ *\\d+\\.\\d+] ", ""))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

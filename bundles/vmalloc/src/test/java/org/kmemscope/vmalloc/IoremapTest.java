package org.kmemscope.vmalloc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.phys.MmioDevice;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.vmalloc.Vmalloc;

class IoremapTest {
    private static final int PAGE = Profile.PAGE_SIZE;

    private static int lowPage(Machine machine) {
        return machine.pages().allocPages(machine.gfp().parse("GFP_KERNEL"), 0);
    }

    /** A register that counts how often it was read. */
    private static final class Counter implements MmioDevice {
        private int reads;

        @Override
        public String name() {
            return "counter";
        }

        @Override
        public long base() {
            return 0xf100_0000L;
        }

        @Override
        public long size() {
            return PAGE;
        }

        @Override
        public int read32(long offset) {
            return (int) offset + 100 * ++reads;
        }

        @Override
        public void write32(long offset, int value) {
            reads = value;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "arm-exynos4412", "linux-6.1-686-pae", "linux-6.1-armmp-lpae"})
    void registersAreReadThroughTheMapping(String profile) {
        Machine machine = TestMachines.boot(profile);
        machine.ram().addDevice(new Counter());
        long registers = machine.vmalloc().ioremap(0xf100_0010L, 32);
        assertThat(registers % PAGE).isEqualTo(0x10);
        assertThat(machine.mmu().read32(registers)).isEqualTo(0x10 + 100);
        machine.mmu().write32(registers, 7);
        assertThat(machine.mmu().read32(registers + 4)).isEqualTo(0x14 + 800);
        assertThat(machine.verify().problems()).isEmpty();
        machine.vmalloc().iounmap(registers);
        machine.vmalloc().purge();
        assertThat(machine.vmalloc().areas()).isEmpty();
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** Pages to alignment: fls(size) up to 4.9, the next power of two later; capped by processor and time. */
    @ParameterizedTest
    @CsvSource({
        "linux-2.6.38-mlinux, 1, 0x2000",
        "linux-2.6.38-mlinux, 2, 0x4000",
        "linux-2.6.38-mlinux, 3, 0x4000",
        "linux-2.6.38-mlinux, 1024, 0x80000",
        "linux-3.8.13-odroidx, 1, 0x2000",
        "linux-3.8.13-odroidx, 1024, 0x800000",
        "linux-6.1-686-pae, 1, 0x1000",
        "linux-6.1-686-pae, 2, 0x2000",
        "linux-6.1-686-pae, 3, 0x4000",
        "linux-6.1-686-pae, 1024, 0x200000",
        "linux-6.1-686, 2048, 0x400000",
        "linux-6.1-armmp, 1024, 0x400000"
    })
    void mappingsAreAligned(String profile, int pages, String align) {
        Machine machine = TestMachines.boot(profile);
        Vmalloc vmalloc = machine.vmalloc();
        long alignment = Long.decode(align);
        // the lowest free address is a page above an aligned one: nothing is aligned by chance
        assertThat(VmallocRules.of(machine).io().align((long) pages * PAGE)).isEqualTo(alignment);
        vmalloc.vmalloc(2 * PAGE);
        long address = vmalloc.ioremap(0xf000_0000L, (long) pages * PAGE);
        assertThat(address % alignment).isZero();
        VmapAreaView area = vmalloc.areaAt(address).orElseThrow();
        assertThat(area.end() - area.start()).isEqualTo((pages + 1L) * PAGE);
        assertThat(area.phys()).isEqualTo(0xf000_0000L);
    }

    /** oracle-vmalloc.txt of 6.1: phys, size, bytes of the area with its guard page. */
    @ParameterizedTest
    @CsvSource({
        "0xfed00000, 4096, 0x2000",
        "0xfed00010, 4096, 0x3000",
        "0xfebf0000, 4096, 0x2000",
        "0xa0000, 4096, 0x2000",
        "0xf0000, 4096, 0x2000"
    })
    void areasHaveTheRealKernelsSize(String phys, long size, String bytes) {
        Machine machine = TestMachines.boot("linux-6.1-686-pae");
        long address = machine.vmalloc().ioremap(Long.decode(phys), size);
        VmapAreaView area = machine.vmalloc().areaAt(address).orElseThrow();
        assertThat(area.end() - area.start()).isEqualTo(Long.decode(bytes));
        assertThat(address % PAGE).isEqualTo(Long.decode(phys) % PAGE);
    }

    @ParameterizedTest
    @CsvSource({"i386-1g, true", "linux-3.2-686-pae, true", "linux-6.1-686-pae, false"})
    void theIsaWindowIsMappedForEverInOlderKernels(String profile, boolean linear) {
        Machine machine = TestMachines.boot(profile);
        long address = machine.vmalloc().ioremap(0xb8000, 4096);
        assertThat(address == 0xc00b_8000L).isEqualTo(linear);
        assertThat(machine.vmalloc().areas()).hasSize(linear ? 0 : 1);
        machine.vmalloc().iounmap(address);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "i386-1g | true | ''",
                "linux-2.6.29-vbox-pae | false | ''",
                "linux-2.6.38-mlinux | true | ''",
                "linux-6.1-686-pae | true | ioremap on RAM at 0x%016x - 0x%016x",
                "linux-6.1-686 | true | ioremap on RAM at 0x%08x - 0x%08x",
                "linux-3.8.13-odroidx | true | WARNING: at arch/arm/mm/ioremap.c __arm_ioremap_pfn_caller()",
                "linux-6.1-armmp | true | WARNING: CPU: 0 PID: 0 at arch/arm/mm/ioremap.c __arm_ioremap_pfn_caller"
            })
    void ramIsRefusedAsTheKernelDoesIt(String profile, boolean refused, String words) {
        Machine machine = TestMachines.boot(profile);
        long phys = (long) lowPage(machine) * PAGE;
        long mark = machine.log().written();
        long address = machine.vmalloc().ioremap(phys, PAGE);
        assertThat(address == 0).isEqualTo(refused);
        List<String> log = TestMachines.logSince(machine, mark);
        assertThat(log.isEmpty() ? "" : log.get(0)).isEqualTo(String.format(words, phys, phys + PAGE - 1));
        // several pages are refused by all of them
        if (!refused) {
            assertThat(machine.vmalloc().ioremap(phys, 2 * PAGE)).isZero();
        }
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void iounmapOfWrongAddressesIsReported() {
        Machine i386 = TestMachines.boot("linux-6.1-686-pae");
        long mark = i386.log().written();
        i386.vmalloc().iounmap(0xfef7_e000L);
        i386.vmalloc().iounmap(0xc000_1000L);
        assertThat(TestMachines.logSince(i386, mark)).containsExactly("iounmap: bad address fef7e000");
        Machine arm = TestMachines.boot("linux-6.1-armmp");
        mark = arm.log().written();
        arm.vmalloc().iounmap(0xff78_0000L);
        assertThat(TestMachines.logSince(arm, mark))
                .containsExactly(
                        "WARNING: CPU: 0 PID: 0 at mm/vmalloc.c __vunmap",
                        "Trying to vfree() nonexistent vm area (ff780000)");
    }

    @Test
    void impossibleRangesAreRefused() {
        Machine machine = TestMachines.boot("linux-6.1-686");
        assertThat(machine.vmalloc().ioremap(0xf000_0000L, 0)).isZero();
        assertThat(machine.vmalloc().ioremap(0xffff_f000L, 2 * PAGE)).isZero();
        assertThat(machine.vmalloc().ioremap(1L << 40, PAGE)).isZero();
        assertThat(machine.vmalloc().ioremap(0xf000_0000L, 200L << 20)).isZero();
        assertThat(machine.vmalloc().areas()).isEmpty();
        assertThat(machine.verify().problems()).isEmpty();
    }
}

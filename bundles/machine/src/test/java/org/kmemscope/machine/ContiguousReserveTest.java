package org.kmemscope.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.view.ZoneView;

class ContiguousReserveTest {
    private static String line(Machine machine) {
        return machine.log().lines().stream()
                .map(KernelLog.Line::text)
                .filter(text -> text.startsWith("cma:"))
                .findFirst()
                .orElse("none");
    }

    /** What the boot logs of real kernels say: a Tiny4412, an ODROID-X (also with vmalloc=384M), and Debian's 6.1. */
    @ParameterizedTest
    @CsvSource({
        "arm-exynos4412, cma: CMA: reserved 32 MiB at 6d800000",
        "linux-3.8.13-odroidx, cma: CMA: reserved 128 MiB at 67800000",
        "'linux-3.8.13-odroidx,vmalloc=384M', cma: CMA: reserved 128 MiB at 5f000000",
        "'linux-3.8.13-odroidx,cma=0', none",
        "linux-6.1-armmp, cma: Reserved 16 MiB at 0x7f000000",
        "linux-6.1-686, none",
        "linux-3.0.15-itop4412, none"
    })
    void theAreaLiesWhereARealKernelPutsIt(String specification, String expected) {
        Machine machine = TestMachines.boot(specification);
        assertThat(line(machine)).isEqualTo(expected);
        machine.verify().orThrow();
    }

    /** {@code /proc/zoneinfo} of Debian's 6.1 with 1 GiB: high memory counts the area as managed, and so do its watermarks. */
    @Test
    void watermarksCountTheArea() {
        ZoneView high = TestMachines.boot("linux-6.1-armmp").views().zones().get(2);
        assertThat(high.managed()).isEqualTo(65536);
        assertThat(high.min() + "/" + high.low() + "/" + high.high()).isEqualTo("64/139/214");
    }

    @Test
    void pagesOfTheAreaInLowMemoryAreMappedOneByOne() {
        Machine machine = TestMachines.boot("arm-exynos4412");
        long virt = machine.layout().physToVirt(0x6d80_0000L);
        assertThat(machine.mmu().walk(virt).pageSize()).isEqualTo(4096);
        assertThat(machine.mmu().walk(virt - 4096).pageSize()).isGreaterThan(4096);
        machine.mmu().setEntry(virt, 0x6d80_0000L, Protection.DMA_COHERENT);
        assertThat(machine.mmu().lookup(virt + 4096)).isEqualTo(0x6d80_1000L);
    }

    @Test
    void aBuddyRequestDoesNotGetTheArea() {
        Machine machine = TestMachines.boot("arm-exynos4412,mem=64M,cma=16M");
        int gfp = machine.gfp().parse("GFP_ATOMIC|__GFP_NOWARN");
        for (int pfn = machine.pages().allocPages(gfp, 0);
                pfn >= 0;
                pfn = machine.pages().allocPages(gfp, 0)) {
            assertThat(pfn < 0x43000 || pfn >= 0x44000).isTrue();
        }
        assertThat(machine.pages().allocContiguous(0x43000, 0x44000, 4096, 0)).isEqualTo(0x43000);
        machine.verify().orThrow();
    }
}

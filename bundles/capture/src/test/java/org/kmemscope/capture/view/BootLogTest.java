package org.kmemscope.capture.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.ground.KernelLog;

/** Lines as kernels of several eras print them; the totals are those of the same captures. */
class BootLogTest {
    private static BootLog log(String... lines) {
        List<KernelLog.Line> log = Arrays.stream(lines)
                .map(text -> new KernelLog.Line(0, KernelLog.INFO, text))
                .toList();
        return new BootLog(log);
    }

    @Test
    void whatIsAvailableIsWhatTheAllocatorGets() {
        BootLog log = log(
                "Memory: 1019548K/1048056K available (9423K kernel code, 1265K rwdata, 3188K rodata, 928K init, 476K bss,"
                        + " 28508K reserved, 0K cma-reserved, 147336K highmem)",
                "Freeing SMP alternatives memory: 32K",
                "Freeing initrd memory: 1216K",
                "Freeing unused kernel image (initmem) memory: 928K");
        assertThat(log.pagesAtStart(pfn -> 0)).contains(254_887L + 8);
        assertThat(log.pagesLater()).isEqualTo(304 + 232);
    }

    @Test
    void anOldPcLeavesOutWhatLiesOnPerCpuLists() {
        BootLog log = log(
                "Memory: 1034280k/1048448k available (2790k kernel code, 13408k reserved, 984k data, 264k init, 130944k"
                        + " highmem)",
                "Freeing initrd memory: 6k freed",
                "Freeing unused kernel memory: 264k freed");
        // 229279 frames of RAM below 896 MiB
        assertThat(log.pagesAtStart(pfn -> pfn == 0x38000 ? 229_279 : -1)).contains(258_663L);
        assertThat(log.pagesLater()).isEqualTo(2 + 66);
    }

    @Test
    void anArmKernelPrintsItsOwnForm() {
        BootLog log = log(
                "Memory: 1024MB = 1024MB total",
                "Memory: 885176k/885176k available, 163400k reserved, 270336K highmem",
                "Freeing init memory: 156K");
        assertThat(log.pagesAtStart(pfn -> 0)).contains(221_294L);
        assertThat(log.pagesLater()).isEqualTo(39);
    }

    @Test
    void aLogWithoutTheLineTellsNothing() {
        assertThat(log("Linux version 6.1.0").pagesAtStart(pfn -> 0)).isEmpty();
    }

    @Test
    void memoryOfDevicesIsFound() {
        BootLog log = log("Reserved memory: created DMA memory pool at 0x7f800000, size 8 MiB");
        assertThat(log.devicePools()).containsExactly(new BootLog.Range(0x7f80_0000L, 0x8000_0000L, "device"));
    }
}

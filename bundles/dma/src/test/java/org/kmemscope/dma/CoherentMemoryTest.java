package org.kmemscope.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.mmu.Walk;

class CoherentMemoryTest {
    private Machine machine;
    private Kernel kernel;
    private DmaDevice device;

    private void boot(String specification) {
        machine = TestMachines.boot(specification);
        kernel = TestMachines.kernel(machine);
        device = TestMachines.device(machine, "dma0");
    }

    private String zoneOf(long phys) {
        return machine.pages()
                .zoneType(machine.frames().zone((int) (phys >>> 12)))
                .label();
    }

    private List<String> log() {
        return machine.log().lines().stream().map(KernelLog.Line::text).toList();
    }

    static Stream<String> profiles() {
        return TestMachines.profiles().stream();
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void everyMachineServesRandomRequestsAndTakesEverythingBack(String profile) {
        boot(profile);
        Random random = new Random(7);
        List<DmaBuffer> live = new ArrayList<>();
        for (int step = 0; step < 300; step++) {
            if (live.isEmpty() || random.nextInt(100) < 55) {
                int size = 1 + random.nextInt(random.nextInt(4) == 0 ? 200_000 : 9000);
                Gfp flags = random.nextInt(3) == 0 ? Gfp.GFP_ATOMIC : Gfp.GFP_KERNEL;
                DmaBuffer buffer = kernel.dmaAllocCoherent(device, size, flags);
                if (!buffer.failed()) {
                    kernel.memset(buffer.virt(), step, size);
                    live.add(buffer);
                }
            } else {
                kernel.dmaFreeCoherent(device, live.remove(random.nextInt(live.size())));
            }
            if (step % 50 == 0) {
                machine.verify().orThrow();
            }
        }
        assertThat(live).isNotEmpty();
        live.forEach(buffer -> kernel.dmaFreeCoherent(device, buffer));
        assertThat(machine.dma().mappings()).isEmpty();
        machine.verify().orThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "i386-1g, 32, Normal", "i386-1g, 31, DMA", "i386-1g, 24, DMA",
        "linux-2.6.38-mlinux, 32, Normal", "linux-2.6.38-mlinux, 31, Normal", "linux-2.6.38-mlinux, 24, DMA",
        "linux-6.1-686, 32, Normal", "linux-6.1-686, 31, Normal", "linux-6.1-686, 24, DMA"
    })
    void aPcTakesTheZoneThatItsKernelTakesForAMask(String profile, int bits, String zone) {
        boot(profile);
        assertThat(kernel.dmaSetCoherentMask(device, (1L << bits) - 1)).isZero();
        DmaBuffer buffer = kernel.dmaAllocCoherent(device, 5000, Gfp.GFP_KERNEL);
        assertThat(zoneOf(buffer.handle())).isEqualTo(zone);
        assertThat(buffer.virt()).isEqualTo(buffer.handle() + 0xc000_0000L);
        assertThat(buffer.handle() + 5000).isLessThanOrEqualTo(1L << bits);
    }

    /** ZONE_NORMAL's pages of these machines lie above 32 MiB: one is taken, looked at, and exchanged for one of ZONE_DMA. */
    @ParameterizedTest
    @ValueSource(strings = {"linux-2.6.38-mlinux", "linux-6.1-686"})
    void aBlockOutOfReachIsExchangedForOneOfZoneDma(String profile) {
        boot(profile);
        kernel.dmaSetCoherentMask(device, (1L << 25) - 1);
        DmaBuffer buffer = kernel.dmaAllocCoherent(device, 100_000, Gfp.GFP_KERNEL);
        assertThat(zoneOf(buffer.handle())).isEqualTo("DMA");
        kernel.dmaFreeCoherent(device, buffer);
        machine.verify().orThrow();
    }

    /** Where the second try finds nothing, the request fails, and no page is lost. */
    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "linux-2.6.38-mlinux", "linux-6.1-686"})
    void withZoneDmaEmptyARequestForItFails(String profile) {
        boot(profile);
        kernel.dmaSetCoherentMask(device, Masks.BITS_24);
        int gfp = machine.gfp().parse("GFP_ATOMIC|__GFP_NOWARN");
        List<DmaBuffer> taken = new ArrayList<>();
        DmaBuffer buffer = kernel.dmaAllocCoherent(device, 4096, gfp);
        while (!buffer.failed()) {
            assertThat(buffer.handle()).isLessThan(16L << 20);
            taken.add(buffer);
            buffer = kernel.dmaAllocCoherent(device, 4096, gfp);
        }
        assertThat(buffer).isEqualTo(DmaBuffer.FAILED);
        taken.forEach(each -> kernel.dmaFreeCoherent(device, each));
        machine.verify().orThrow();
    }

    /** The article's call on the article's board. */
    @Test
    void aNullDeviceOnTheBoardGetsContiguousMemoryAtTheTopOfLowMemory() {
        boot("arm-exynos4412");
        DmaBuffer buffer = kernel.dmaAllocCoherent(DmaDevice.NULL, 1024, Gfp.GFP_KERNEL);
        // the area begins at 0x6d800000, and its first 256 KiB are the atomic pool
        assertThat(buffer.handle()).isEqualTo(0x6d84_0000L);
        assertThat(buffer.virt()).isEqualTo(0xed84_0000L);
        assertThat(zoneOf(buffer.handle())).isEqualTo("Normal");
        assertThat(log())
                .contains("DMA: preallocated 256 KiB pool for atomic coherent allocations")
                .last()
                .isEqualTo(
                        "WARNING: dma_alloc_coherent() with a NULL device: the mask of the board is taken, at driver.c:1");
        kernel.dmaFreeCoherent(DmaDevice.NULL, buffer);
        machine.verify().orThrow();
    }

    private String flags(long virt) {
        List<Walk.Level> levels = machine.mmu().walk(virt).levels();
        return levels.get(levels.size() - 1).flags();
    }

    @Test
    void contiguousMemoryInLowMemoryIsUncachedAsLongAsItIsABuffer() {
        boot("linux-3.8.13-odroidx");
        long virt = machine.layout().physToVirt(0x6784_0000L);
        String cached = flags(virt);
        DmaBuffer buffer = kernel.dmaAllocCoherent(device, 4097, Gfp.GFP_KERNEL);
        assertThat(buffer.virt()).isEqualTo(virt);
        assertThat(flags(virt)).isNotEqualTo(cached).isEqualTo(flags(virt + 4096));
        assertThat(flags(virt + 8192)).isEqualTo(cached);
        kernel.dmaFreeCoherent(device, buffer);
        assertThat(flags(virt)).isEqualTo(cached).isEqualTo(flags(virt + 4096));
    }

    @ParameterizedTest
    @CsvSource({
        "arm-exynos4412, 6d83f000, 6d83c000",
        "linux-3.8.13-odroidx, 67800000, 67802000",
        "linux-6.1-armmp, 7f000000, 7f002000"
    })
    void theAtomicPoolIsDividedFromTheTopIn35AndFromTheBottomLater(String profile, String first, String second) {
        boot(profile);
        long one = kernel.dmaAllocCoherent(device, 100, Gfp.GFP_ATOMIC).handle();
        long two = kernel.dmaAllocCoherent(device, 8000, Gfp.GFP_ATOMIC).handle();
        assertThat(Long.toHexString(one)).isEqualTo(first);
        assertThat(Long.toHexString(two)).isEqualTo(second);
        machine.verify().orThrow();
    }

    @Test
    void withoutAnAreaAKernelOf38HasNoCoherentMemory() {
        boot("linux-3.8.13-odroidx,cma=0");
        assertThat(log()).contains("DMA: failed to allocate 256 KiB pool for atomic coherent allocation");
        assertThat(kernel.dmaAllocCoherent(device, 100, Gfp.GFP_KERNEL).failed())
                .isTrue();
        assertThat(kernel.dmaAllocCoherent(device, 100, Gfp.GFP_ATOMIC).failed())
                .isTrue();
        assertThat(log()).last().isEqualTo("coherent pool not initialised!");
    }

    @Test
    void withoutAnAreaAKernelOf61RemapsPages() {
        boot("linux-6.1-armmp,cma=0,coherent_pool=64K");
        assertThat(log()).contains("DMA: preallocated 64 KiB pool for atomic coherent allocations");
        DmaBuffer buffer = kernel.dmaAllocCoherent(device, 5 * 4096, Gfp.GFP_KERNEL);
        assertThat(machine.vmalloc().isVmallocAddress(buffer.virt())).isTrue();
        assertThat(zoneOf(buffer.handle())).isEqualTo("DMA");
        kernel.dmaFreeCoherent(device, buffer);
        machine.verify().orThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "linux-3.0.15-itop4412, ffdff000, ffdfc000, fea00000",
        "linux-3.2-vexpress, ffdff000, ffdfc000, ffc00000",
        "linux-3.2-versatile, ffdff000, ffdfc000, ffc00000"
    })
    void theConsistentRegionIsFilledFromTheTop(String profile, String first, String second, String base) {
        boot(profile);
        DmaBuffer one = kernel.dmaAllocCoherent(DmaDevice.NULL, 1024, Gfp.GFP_KERNEL);
        DmaBuffer two = kernel.dmaAllocCoherent(device, 8193, Gfp.GFP_ATOMIC);
        assertThat(Long.toHexString(one.virt())).isEqualTo(first);
        assertThat(Long.toHexString(two.virt())).isEqualTo(second);
        assertThat(machine.layout().isLowmem((int) (one.handle() >>> 12))).isTrue();
        assertThat(flags(one.virt())).isNotEqualTo(flags(machine.layout().physToVirt(one.handle())));
        int gfp = machine.gfp().parse("GFP_ATOMIC|__GFP_NOWARN");
        long lowest = two.virt();
        for (DmaBuffer next = kernel.dmaAllocCoherent(device, 65536, gfp);
                !next.failed();
                next = kernel.dmaAllocCoherent(device, 65536, gfp)) {
            lowest = next.virt();
        }
        assertThat(Long.toHexString(lowest)).isEqualTo(base);
        machine.verify().orThrow();
    }

    @Test
    void aBufferLargerThanTheRegionIsRefusedInTheKernelsWords() {
        boot("linux-3.2-vexpress");
        long free = machine.pages().freePageCount();
        assertThat(kernel.dmaAllocCoherent(device, 3L << 20, Gfp.GFP_KERNEL).failed())
                .isTrue();
        assertThat(log()).last().isEqualTo("arm_vmregion_alloc: allocation too big (requested 0x300000)");
        machine.locked(() -> {
            machine.pages().drainAllPages();
            return null;
        });
        assertThat(machine.pages().freePageCount()).isGreaterThanOrEqualTo(free);
        machine.verify().orThrow();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "i386-1g | memory of ZONE_DMA is taken",
                "linux-2.6.32-el6-pae | the fallback device with a mask of 24 bits is taken",
                "linux-3.2-686-pae | the fallback device with a mask of 24 bits is taken"
            })
    void aNullDeviceOnAPcGetsMemoryOfZoneDma(String profile, String consequence) {
        boot(profile);
        DmaBuffer buffer = kernel.dmaAllocCoherent(DmaDevice.NULL, 1024, Gfp.GFP_KERNEL);
        assertThat(zoneOf(buffer.handle())).isEqualTo("DMA");
        assertThat(log())
                .last()
                .isEqualTo("WARNING: dma_alloc_coherent() with a NULL device: " + consequence + ", at driver.c:1");
    }

    @ParameterizedTest
    @CsvSource({
        "linux-6.1-686, 'BUG: kernel NULL pointer dereference, address: 00000000'",
        "linux-6.1-armmp, 'Unable to handle kernel NULL pointer dereference at virtual address 00000000'"
    })
    void aNullDeviceIn61IsANullPointer(String profile, String oops) {
        boot(profile);
        assertThatThrownBy(() -> kernel.dmaAllocCoherent(DmaDevice.NULL, 1024, Gfp.GFP_KERNEL))
                .isInstanceOf(KernelOops.class)
                .hasMessageContaining(oops);
        assertThat(log()).anyMatch(line -> line.startsWith("WARNING: dma_alloc_coherent() with a NULL device"));
        assertThatThrownBy(() -> kernel.dmaSetMask(DmaDevice.NULL, 1)).isInstanceOf(KernelOops.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"i386-1g", "linux-2.6.38-mlinux", "linux-3.0.15-itop4412", "arm-exynos4412", "linux-6.1-686"})
    void theMemoryIsZeroed(String profile) {
        boot(profile);
        DmaBuffer first = kernel.dmaAllocCoherent(device, 20_000, Gfp.GFP_KERNEL);
        kernel.memset(first.virt(), 0xaa, 20_000);
        kernel.dmaFreeCoherent(device, first);
        List<Integer> dirty = new ArrayList<>();
        for (int block = 0; block < 500; block++) {
            int pfn = kernel.allocPages(Gfp.GFP_KERNEL, 3);
            machine.ram().fill((long) pfn << 12, 8 * 4096, 0xaa);
            dirty.add(pfn);
        }
        dirty.forEach(pfn -> kernel.freePages(pfn, 3));
        DmaBuffer again = kernel.dmaAllocCoherent(device, 20_000, Gfp.GFP_KERNEL);
        assertThat(kernel.read(again.virt(), 20_000)).containsOnly(0);
    }

    @Test
    void memoryOfTheAtomicPoolComesAsItWasLeft() {
        boot("arm-exynos4412");
        DmaBuffer secret = kernel.dmaAllocCoherent(device, 100, Gfp.GFP_ATOMIC);
        kernel.writeString(secret.virt(), "secret");
        kernel.dmaFreeCoherent(device, secret);
        assertThat(kernel.readString(
                        kernel.dmaAllocCoherent(device, 100, Gfp.GFP_ATOMIC).virt(), 100))
                .isEqualTo("secret");
    }

    @Test
    void aFullPoolIsReportedFrom36On() {
        boot("linux-3.8.13-odroidx");
        assertThat(kernel.dmaAllocCoherent(device, 256 << 10, Gfp.GFP_ATOMIC).failed())
                .isFalse();
        long before = machine.log().lines().size();
        assertThat(kernel.dmaAllocCoherent(device, 1, Gfp.GFP_ATOMIC).failed()).isTrue();
        assertThat(TestMachines.logSince(machine, before))
                .containsExactly(
                        "ERROR: 256 KiB atomic DMA coherent pool is too small!",
                        "Please increase it with coherent_pool= kernel parameter!");
    }

    @Test
    void nothingIsGivenForNothingOrFarTooMuch() {
        for (String profile : List.of("linux-6.1-686", "arm-exynos4412", "linux-3.0.15-itop4412")) {
            boot(profile);
            assertThat(kernel.dmaAllocCoherent(device, 0, Gfp.GFP_KERNEL)).isEqualTo(DmaBuffer.FAILED);
            assertThat(kernel.dmaAllocCoherent(device, 1L << 40, Gfp.GFP_KERNEL))
                    .isEqualTo(DmaBuffer.FAILED);
            assertThat(kernel.dmaAllocCoherent(device, 1L << 45, Gfp.GFP_KERNEL))
                    .isEqualTo(DmaBuffer.FAILED);
            machine.verify().orThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "linux-3.0.15-itop4412", "arm-exynos4412", "linux-6.1-armmp", "linux-6.1-686"})
    void aRequestThatMaySleepIsRefusedInAnInterrupt(String profile) {
        boot(profile);
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.HARDIRQ));
        assertThatThrownBy(() -> kernel.dmaAllocCoherent(device, 100, Gfp.GFP_KERNEL))
                .isInstanceOf(KernelBug.class)
                .hasMessageStartingWith("BUG: sleeping function called from invalid context");
        assertThat(kernel.dmaAllocCoherent(device, 100, Gfp.GFP_ATOMIC).failed())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "i386-1g, arch/x86/kernel/pci-dma_32.c",
        "linux-2.6.38-mlinux, arch/x86/include/asm/dma-mapping.h",
        "linux-3.0.15-itop4412, arch/arm/mm/dma-mapping.c",
        "linux-6.1-686, kernel/dma/mapping.c",
        "linux-6.1-armmp, kernel/dma/mapping.c"
    })
    void freeingWithInterruptsOffIsWarnedOf(String profile, String site) {
        boot(profile);
        DmaBuffer buffer = kernel.dmaAllocCoherent(device, 100, Gfp.GFP_ATOMIC);
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.HARDIRQ));
        kernel.dmaFreeCoherent(device, buffer);
        assertThat(log()).last().isEqualTo("WARNING: at " + site + ": dma_free_coherent() with interrupts disabled");
        assertThat(machine.dma().mappings()).isEmpty();
        machine.verify().orThrow();
    }

    @Test
    void memoryOfThePoolOf35IsFreedWithInterruptsOffAndWithoutAWord() {
        boot("arm-exynos4412");
        DmaBuffer atomic = kernel.dmaAllocCoherent(device, 100, Gfp.GFP_ATOMIC);
        long before = machine.log().lines().size();
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.HARDIRQ));
        kernel.dmaFreeCoherent(device, atomic);
        assertThat(TestMachines.logSince(machine, before)).isEmpty();
        assertThat(machine.dma().mappings()).isEmpty();
    }

    @Test
    void remappedMemoryCannotBeFreedInAnInterrupt() {
        boot("linux-6.1-armmp");
        DmaBuffer buffer = kernel.dmaAllocCoherent(device, 100, Gfp.GFP_KERNEL);
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.HARDIRQ));
        assertThatThrownBy(() -> kernel.dmaFreeCoherent(device, buffer)).isInstanceOf(KernelBug.class);
        assertThat(machine.dma().mappings()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "linux-3.0.15-itop4412 | 0 | platform dma0: coherent DMA mask is unset",
                "linux-3.0.15-itop4412 | 0xffffff | platform dma0: coherent DMA mask 0xffffff is smaller than system GFP_DMA mask 0xffffffff"
            })
    void aMaskThatTheBoardCannotServeIsRefusedInTheKernelsWords(String profile, long mask, String line) {
        boot(profile);
        assertThat(kernel.dmaSetCoherentMask(device, mask)).isEqualTo(-5);
        assertThat(kernel.dmaSetMask(device, mask)).isEqualTo(-5);
        CoherentRule rule = Era.of(machine, machine.vmalloc()).coherent();
        assertThat(rule.take(device, new Aperture(mask, 0), 100, machine.gfp().of(Gfp.GFP_KERNEL))
                        .failed())
                .isTrue();
        assertThat(log()).last().isEqualTo(line);
    }

    @Test
    void aPcRefusesMasksBelow24Bits() {
        boot("i386-1g");
        assertThat(kernel.dmaSetMask(device, 0xf_ffff)).isEqualTo(-5);
        assertThat(kernel.dmaSetMask(device, Masks.BITS_24)).isZero();
    }

    @Test
    void aDeviceOfAnotherMachineIsAMistakeOfTheCaller() {
        boot("i386-1g");
        assertThatThrownBy(() -> kernel.dmaAllocCoherent(new DmaDevice(5, "usb7", 0, 0, 0), 1, Gfp.GFP_KERNEL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("this machine has no device usb7; it has dma0");
    }
}

package org.kmemscope.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;

/** Streaming mappings: which buffer a device reaches, and what is said of those that make no sense. */
class StreamingTest {
    private static final long MIB_16 = 16L << 20;

    private Machine machine;
    private Kernel kernel;
    private DmaDevice device;
    private long logged;

    private void boot(String specification) {
        machine = TestMachines.boot(specification);
        kernel = TestMachines.kernel(machine);
        device = TestMachines.device(machine, "dma0");
        logged = machine.log().lines().size();
    }

    /** A buffer of a page in low memory; 0 is not among them. */
    private long page() {
        return kernel.getFreePages(kernel.gfp(Gfp.GFP_KERNEL), 0);
    }

    @ParameterizedTest
    @CsvSource({
        "i386-1g, 0",
        "linux-2.6.29-vbox-pae, 0",
        "linux-3.2-686-pae, 0",
        "linux-6.1-686, ffffffff",
        "linux-6.1-686-pae, ffffffffffffffff",
        "linux-3.0.15-itop4412, ffffffff",
        "arm-exynos4412, ffffffff",
        "linux-6.1-armmp, ffffffffffffffff",
        "linux-6.1-armmp-lpae, ffffffffffffffff"
    })
    void aFailedMappingHasTheValueOfItsKernel(String profile, String value) {
        boot(profile);
        assertThat(Long.toHexString(machine.dma().mappingError())).isEqualTo(value);
        long handle = kernel.dmaMapSingle(device, 0x1000, 100, Direction.DMA_TO_DEVICE);
        assertThat(Long.toHexString(handle)).isEqualTo(value);
        assertThat(kernel.dmaMappingError(device, handle)).isTrue();
        assertThat(machine.dma().mappings()).isEmpty();
    }

    /** The last bytes below 16 MiB, for a device with 24 address lines: 2.6.26 to 2.6.32 compare with the mask as if it were an end. */
    @ParameterizedTest
    @CsvSource({
        "i386-1g, true, true, true",
        "linux-2.6.29-vbox-pae, true, false, false",
        "linux-2.6.32-el6-pae, true, false, false",
        "linux-2.6.38-mlinux, true, true, false",
        "linux-6.1-686, true, true, false",
        "arm-exynos4412, true, true, true"
    })
    void theLastByteADeviceReaches(String profile, boolean before, boolean last, boolean beyond) {
        boot(profile);
        kernel.dmaSetMask(device, Masks.BITS_24);
        long end = machine.layout().pageOffset() + MIB_16 - machine.layout().physOffset() % MIB_16;
        assertThat(maps(end - 101)).isEqualTo(before);
        assertThat(maps(end - 100)).isEqualTo(last);
        assertThat(maps(end - 99)).isEqualTo(beyond);
    }

    private boolean maps(long virt) {
        long handle = kernel.dmaMapSingle(device, virt, 100, Direction.DMA_FROM_DEVICE);
        if (kernel.dmaMappingError(device, handle)) {
            return false;
        }
        assertThat(handle).isEqualTo(machine.layout().virtToPhys(virt));
        kernel.dmaUnmapSingle(device, handle, 100, Direction.DMA_FROM_DEVICE);
        return true;
    }

    /** Up to 4.16 the kernel keeps quiet about masks below 32 bits. */
    @Test
    void aKernelOf26IsSilentAboutSmallMasks() {
        boot("linux-2.6.38-mlinux");
        kernel.dmaSetMask(device, Masks.BITS_24);
        assertThat(maps(0xc200_0000L)).isFalse();
        assertThat(TestMachines.logSince(machine, logged)).isEmpty();
        assertThat(Reach.WITHIN_MASK.complaint("x", false, Masks.BITS_32, 0x1_0000_0000L, 10))
                .isEqualTo("nommu_map_single: overflow 100000000+10 of device mask ffffffff");
    }

    @Test
    void theDirectionIsKept() {
        boot("i386-1g");
        long buffer = page();
        long handle = kernel.dmaMapSingle(device, buffer + 100, 200, Direction.DMA_TO_DEVICE);
        assertThat(machine.dma().mappings()).singleElement().satisfies(mapping -> {
            assertThat(mapping.kind()).isEqualTo("single");
            assertThat(mapping.device()).isEqualTo("dma0");
            assertThat(mapping.virt()).isEqualTo(buffer + 100);
            assertThat(mapping.handle()).isEqualTo(handle).isEqualTo(buffer + 100 - 0xc000_0000L);
            assertThat(mapping.size()).isEqualTo(200);
            assertThat(mapping.direction()).isEqualTo("DMA_TO_DEVICE");
            assertThat(mapping.caller()).isEqualTo("driver.c:1");
        });
        machine.verify().orThrow();
        kernel.dmaUnmapSingle(device, handle, 200, Direction.DMA_TO_DEVICE);
        assertThat(machine.dma().mappings()).isEmpty();
        assertThat(TestMachines.logSince(machine, logged)).isEmpty();
    }

    @Test
    void noDirectionIsABug() {
        boot("i386-1g");
        assertThatThrownBy(() -> kernel.dmaMapSingle(device, page(), 10, Direction.DMA_NONE))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("DMA_NONE");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "i386-1g | platform dma0: DMA-API: device driver maps memory from vmalloc area [addr=%08x] [len=64] [at driver.c:1]",
                "arm-exynos4412 | platform dma0: DMA-API: device driver maps memory from vmalloc area [addr=%08x] [len=64] [at driver.c:1]"
            })
    void vmallocMemoryIsRefused(String profile, String line) {
        boot(profile);
        long virt = machine.locked(() -> machine.vmalloc()
                .vmap(new int[] {machine.layout().minLowPfn()}, org.kmemscope.api.mmu.Protection.KERNEL));
        long handle = kernel.dmaMapSingle(device, virt, 64, Direction.DMA_TO_DEVICE);
        assertThat(kernel.dmaMappingError(device, handle)).isTrue();
        assertThat(TestMachines.logSince(machine, logged)).containsExactly(String.format(line, virt));
    }

    @Test
    void aKernelOf61RejectsVmallocMemoryInItsOwnWordsToo() {
        boot("linux-6.1-686");
        long virt = machine.layout().vmallocStart();
        kernel.dmaMapSingle(device, virt, 64, Direction.DMA_TO_DEVICE);
        assertThat(TestMachines.logSince(machine, logged))
                .containsExactly(
                        "platform dma0: rejecting DMA map of vmalloc memory",
                        "WARNING: CPU: 0 PID: 1 at include/linux/dma-mapping.h driver.c:1",
                        String.format(
                                "DMA-API: platform dma0: device driver maps memory from vmalloc area [addr=%08x] [len=64] [at driver.c:1]",
                                virt));
    }

    @ParameterizedTest
    @ValueSource(strings = {"08048000", "ffe00000", "f77ffff0"})
    void addressesOfUserSpaceOrWindowsOrBeyondLowMemoryAreRefused(String address) {
        boot("i386-1g");
        long virt = Long.parseLong(address, 16);
        long handle = kernel.dmaMapSingle(device, virt, 1 << 24, Direction.DMA_TO_DEVICE);
        assertThat(kernel.dmaMappingError(device, handle)).isTrue();
        assertThat(TestMachines.logSince(machine, logged))
                .containsExactly(String.format(
                        "platform dma0: DMA-API: device driver maps memory from invalid area [addr=%08x] [len=16777216] [at driver.c:1]",
                        virt));
    }

    @Test
    void kernelCodeIsMappedButReported() {
        boot("linux-6.1-686");
        long text = machine.layout().physToVirt(0x0100_0000L) + 64;
        long handle = kernel.dmaMapSingle(device, text, 64, Direction.DMA_TO_DEVICE);
        assertThat(kernel.dmaMappingError(device, handle)).isFalse();
        assertThat(TestMachines.logSince(machine, logged))
                .containsExactly(String.format(
                        "DMA-API: platform dma0: device driver maps memory from kernel text or rodata [addr=%08x] [len=64] [at driver.c:1]",
                        text));
    }

    @Test
    void aNullDeviceIsMappedWithoutATestUpTo52() {
        boot("linux-2.6.38-mlinux");
        long virt = page();
        long handle = kernel.dmaMapSingle(DmaDevice.NULL, virt, 64, Direction.DMA_TO_DEVICE);
        assertThat(handle).isEqualTo(virt - 0xc000_0000L);
        assertThat(TestMachines.logSince(machine, logged))
                .containsExactly("WARNING: dma_map_single() with a NULL device: "
                        + "the fallback device with a mask of 24 bits is taken, at driver.c:1");
        boot("linux-6.1-686");
        assertThatThrownBy(() -> kernel.dmaMapSingle(DmaDevice.NULL, virt, 64, Direction.DMA_TO_DEVICE))
                .isInstanceOf(KernelOops.class);
    }

    @Test
    void memoryFreedUnderAMappingIsFoundByVerify() {
        boot("i386-1g");
        long virt = page();
        kernel.dmaMapSingle(device, virt, 64, Direction.DMA_TO_DEVICE);
        kernel.freePagesAt(virt, 0);
        assertThat(machine.verify().problems())
                .singleElement()
                .asString()
                .contains("is under a streaming mapping of device dma0, but free");
    }

    @Test
    void oneAddressMayBeMappedTwiceAndTheBetterMatchIsUnmapped() {
        boot("i386-1g");
        long virt = page();
        long handle = kernel.dmaMapSingle(device, virt, 64, Direction.DMA_TO_DEVICE);
        kernel.dmaMapSingle(device, virt, 128, Direction.DMA_FROM_DEVICE);
        kernel.dmaUnmapSingle(device, handle, 128, Direction.DMA_FROM_DEVICE);
        assertThat(machine.dma().mappings()).singleElement().satisfies(mapping -> assertThat(mapping.size())
                .isEqualTo(64));
        DmaBuffer none = DmaBuffer.FAILED;
        kernel.dmaFreeCoherent(device, none);
        kernel.dmaUnmapSingle(device, handle, 64, Direction.DMA_TO_DEVICE);
        assertThat(TestMachines.logSince(machine, logged)).isEmpty();
    }
}

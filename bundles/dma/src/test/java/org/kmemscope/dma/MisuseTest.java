package org.kmemscope.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;

/** Every misuse is told in the words of the kernel's DMA debugging, in one line, and breaks nothing. */
class MisuseTest {
    private static final String PREFIX = "DMA-API: platform dma0: device driver ";

    private static final String AT = " [at driver.c:1]";
    private static final String MAPPED = " [mapped at driver.c:1]" + AT;

    private Machine machine;
    private Kernel kernel;
    private DmaDevice device;
    private long logged;

    @BeforeEach
    void boot() {
        boot("linux-6.1-686");
    }

    private void boot(String profile) {
        machine = TestMachines.boot(profile);
        kernel = TestMachines.kernel(machine);
        device = TestMachines.device(machine, "dma0");
        logged = machine.log().lines().size();
    }

    private List<String> log() {
        return TestMachines.logSince(machine, logged);
    }

    private DmaBuffer coherent() {
        return kernel.dmaAllocCoherent(device, 1024, Gfp.GFP_KERNEL);
    }

    private void stillThere(DmaBuffer buffer) {
        assertThat(machine.dma().mappings()).hasSize(1);
        machine.verify().orThrow();
        kernel.dmaFreeCoherent(device, buffer);
        assertThat(machine.dma().mappings()).isEmpty();
        machine.verify().orThrow();
    }

    @Test
    void coherentMemoryFreedWithAnotherSize() {
        DmaBuffer buffer = coherent();
        kernel.dmaFreeCoherent(device, new DmaBuffer(buffer.virt(), buffer.handle(), 4096));
        assertThat(log())
                .containsExactly(PREFIX
                        + String.format(
                                "frees DMA memory with different size [device address=0x%016x] [map size=1024 bytes] [unmap size=4096 bytes]"
                                        + MAPPED,
                                buffer.handle()));
        stillThere(buffer);
    }

    @Test
    void coherentMemoryFreedWithAnotherAddress() {
        DmaBuffer buffer = coherent();
        kernel.dmaFreeCoherent(device, new DmaBuffer(buffer.virt() + 4096, buffer.handle(), 1024));
        assertThat(log())
                .containsExactly(PREFIX
                        + String.format(
                                "frees DMA memory with different CPU address [device address=0x%016x] [size=1024 bytes]"
                                        + " [cpu alloc address=0x%016x] [cpu free address=0x%016x]" + MAPPED,
                                buffer.handle(),
                                buffer.virt(),
                                buffer.virt() + 4096));
        stillThere(buffer);
    }

    @Test
    void coherentMemoryFreedTwice() {
        DmaBuffer buffer = coherent();
        kernel.dmaFreeCoherent(device, buffer);
        kernel.dmaFreeCoherent(device, buffer);
        assertThat(log())
                .containsExactly(PREFIX
                        + String.format(
                                "tries to free DMA memory it has not allocated [device address=0x%016x] [size=1024 bytes]"
                                        + AT,
                                buffer.handle()));
        machine.verify().orThrow();
    }

    @Test
    void coherentMemoryOfAnotherDevice() {
        DmaBuffer buffer = coherent();
        kernel.dmaFreeCoherent(TestMachines.device(machine, "isa0"), buffer);
        assertThat(log())
                .singleElement()
                .asString()
                .startsWith("DMA-API: platform isa0: device driver tries to free DMA memory it has not allocated");
        stillThere(buffer);
    }

    @Test
    void coherentMemoryUnmapped() {
        DmaBuffer buffer = coherent();
        kernel.dmaUnmapSingle(device, buffer.handle(), 1024, Direction.DMA_BIDIRECTIONAL);
        assertThat(log())
                .containsExactly(PREFIX
                        + String.format(
                                "frees DMA memory with wrong function [device address=0x%016x] [size=1024 bytes]"
                                        + " [mapped as coherent] [unmapped as single]" + MAPPED,
                                buffer.handle()));
        stillThere(buffer);
    }

    @Test
    void aMappingFreedAsCoherentMemory() {
        long virt = kernel.getFreePages(kernel.gfp(Gfp.GFP_KERNEL), 0);
        long handle = kernel.dmaMapSingle(device, virt, 100, Direction.DMA_TO_DEVICE);
        kernel.dmaFreeCoherent(device, new DmaBuffer(virt, handle, 100));
        assertThat(log()).singleElement().asString().contains("[mapped as single] [unmapped as coherent]" + MAPPED);
        assertThat(machine.dma().mappings()).hasSize(1);
        machine.verify().orThrow();
    }

    @Test
    void aMappingGivenUpWithAnotherSizeAndDirection() {
        long virt = kernel.getFreePages(kernel.gfp(Gfp.GFP_KERNEL), 0);
        long handle = kernel.dmaMapSingle(device, virt, 100, Direction.DMA_TO_DEVICE);
        assertThat(kernel.dmaMappingError(device, handle)).isFalse();
        kernel.dmaUnmapSingle(device, handle, 200, Direction.DMA_FROM_DEVICE);
        assertThat(log())
                .containsExactly(
                        PREFIX
                                + String.format(
                                        "frees DMA memory with different size [device address=0x%016x] [map size=100 bytes] [unmap size=200 bytes]"
                                                + MAPPED,
                                        handle),
                        PREFIX
                                + String.format(
                                        "frees DMA memory with different direction [device address=0x%016x] [size=200 bytes]"
                                                + " [mapped with DMA_TO_DEVICE] [unmapped with DMA_FROM_DEVICE]"
                                                + MAPPED,
                                        handle));
        assertThat(machine.dma().mappings()).isEmpty();
    }

    @Test
    void aMappingWhoseErrorWasNeverLookedAt() {
        long virt = kernel.getFreePages(kernel.gfp(Gfp.GFP_KERNEL), 0);
        long handle = kernel.dmaMapSingle(device, virt, 100, Direction.DMA_TO_DEVICE);
        kernel.dmaUnmapSingle(device, handle, 100, Direction.DMA_TO_DEVICE);
        assertThat(log())
                .containsExactly(PREFIX
                        + String.format(
                                "failed to check map error[device address=0x%016x] [size=100 bytes] [mapped as single]"
                                        + MAPPED,
                                handle));
    }

    @Test
    void aFailedMappingGivenUp() {
        kernel.dmaUnmapSingle(device, machine.dma().mappingError(), 100, Direction.DMA_TO_DEVICE);
        assertThat(log()).containsExactly(PREFIX + "tries to free an invalid DMA memory address" + AT);
    }

    @Test
    void aMappingThatNeverWas() {
        kernel.dmaUnmapSingle(device, 0x1234_5678L, 100, Direction.DMA_TO_DEVICE);
        assertThat(log())
                .containsExactly(PREFIX
                        + "tries to free DMA memory it has not allocated [device address=0x0000000012345678] [size=100 bytes]"
                        + AT);
    }

    /** Up to 4.19 the device comes first; a NULL device is called NULL. */
    @Test
    void olderKernelsNameTheDeviceFirst() {
        boot("linux-2.6.38-mlinux");
        kernel.dmaUnmapSingle(device, 0x1234_5678L, 100, Direction.DMA_TO_DEVICE);
        kernel.dmaUnmapSingle(DmaDevice.NULL, 0x1234_5678L, 100, Direction.DMA_TO_DEVICE);
        assertThat(log().get(0)).startsWith("platform dma0: DMA-API: device driver tries to free DMA memory");
        assertThat(log().get(2)).startsWith("NULL NULL: DMA-API: device driver tries to free DMA memory");
    }

    /** 2.6 and the kernels up to 3.7 have no such check. */
    @Test
    void olderKernelsDoNotMissTheLookAtTheError() {
        boot("linux-2.6.38-mlinux");
        long virt = kernel.getFreePages(kernel.gfp(Gfp.GFP_KERNEL), 0);
        long handle = kernel.dmaMapSingle(device, virt, 100, Direction.DMA_TO_DEVICE);
        kernel.dmaUnmapSingle(device, handle, 100, Direction.DMA_TO_DEVICE);
        assertThat(log()).isEmpty();
    }
}

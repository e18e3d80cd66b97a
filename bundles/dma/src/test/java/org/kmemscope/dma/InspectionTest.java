package org.kmemscope.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.DmaMappingView;

/** What can be seen of DMA: facts about addresses, views, events, and the check against the floors below. */
class InspectionTest {
    private Machine machine;
    private Kernel kernel;
    private DmaDevice device;

    private void boot(String specification) {
        machine = TestMachines.boot(specification);
        kernel = TestMachines.kernel(machine);
        device = TestMachines.device(machine, "dma0");
    }

    private List<String> facts(long virt) {
        return machine.whatis(virt).stream()
                .filter(fact -> fact.layer().equals("dma"))
                .map(fact -> fact.text())
                .toList();
    }

    @Test
    void aBufferAndItsCachedAliasAreKnown() {
        boot("linux-3.0.15-itop4412");
        DmaBuffer buffer = kernel.dmaAllocCoherent(device, 1024, Gfp.GFP_KERNEL);
        assertThat(facts(buffer.virt() + 16))
                .containsExactly(String.format(
                        "coherent DMA buffer of device dma0, 1024 bytes, bus address 0x%08x, allocated at driver.c:1",
                        buffer.handle() + 16));
        assertThat(facts(machine.layout().physToVirt(buffer.handle())))
                .containsExactly(String.format(
                        "cached alias of a coherent DMA buffer of device dma0, whose address is 0x%08x",
                        buffer.virt()));
        assertThat(facts(buffer.virt() - 4096)).isEmpty();
    }

    @Test
    void aStreamingMappingIsKnown() {
        boot("i386-1g");
        long virt = kernel.getFreePages(kernel.gfp(Gfp.GFP_KERNEL), 0);
        long handle = kernel.dmaMapSingle(device, virt, 300, Direction.DMA_FROM_DEVICE);
        assertThat(facts(virt + 299))
                .containsExactly(String.format(
                        "under a streaming mapping for device dma0, 300 bytes, DMA_FROM_DEVICE, bus address 0x%08x,"
                                + " mapped at driver.c:1: it is the device's until it is unmapped",
                        handle + 299));
        assertThat(facts(virt + 300)).isEmpty();
    }

    @Test
    void thePoolAndTheRegistersAreKnown() {
        boot("linux-6.1-armmp");
        long pool = machine.layout().vmallocStart();
        assertThat(facts(pool + 4096)).containsExactly("atomic DMA pool, page 1 of 64, 0 taken");
        DmaBuffer buffer = kernel.dmaAllocCoherent(device, 1, Gfp.GFP_ATOMIC);
        assertThat(buffer.virt()).isEqualTo(pool);
        assertThat(facts(pool)).hasSize(2).last().asString().endsWith("1 taken");
        long registers = machine.locked(() -> machine.vmalloc().ioremap(device.base(), device.size()));
        assertThat(facts(registers + DmaController.STATUS)).containsExactly("register STATUS of DMA controller dma0");
        assertThat(facts(registers + 0x40)).containsExactly("no register of DMA controller dma0");
    }

    @Test
    void viewsTellWhatIsLive() {
        boot("arm-exynos4412");
        DmaBuffer buffer = kernel.dmaAllocCoherent(DmaDevice.NULL, 1024, Gfp.GFP_KERNEL);
        assertThat(machine.views().dmaMappings())
                .containsExactly(new DmaMappingView(
                        "coherent",
                        "(null)",
                        buffer.virt(),
                        buffer.handle(),
                        1024,
                        "DMA_BIDIRECTIONAL",
                        "driver.c:1",
                        "both"));
    }

    @Test
    void everyCallIsAnEvent() {
        boot("i386-1g");
        List<String> events = new ArrayList<>();
        machine.trace()
                .listen(
                        (point, header, values) -> events.add(point.event() + " "
                                + machine.trace().callSites().text(values[0])
                                + Arrays.toString(Arrays.copyOfRange(
                                        values, 1, point.fields().size()))),
                        TracePoint.DMA_ALLOC,
                        TracePoint.DMA_FREE,
                        TracePoint.DMA_MAP,
                        TracePoint.DMA_UNMAP);
        DmaBuffer buffer = kernel.dmaAllocCoherent(device, 100, Gfp.GFP_KERNEL);
        long handle = kernel.dmaMapSingle(device, buffer.virt(), 10, Direction.DMA_TO_DEVICE);
        kernel.dmaUnmapSingle(device, handle, 10, Direction.DMA_TO_DEVICE);
        kernel.dmaFreeCoherent(device, buffer);
        assertThat(events)
                .containsExactly(
                        "dma_alloc dma0[" + buffer.virt() + ", " + buffer.handle() + ", 100, 208]",
                        "dma_map_phys dma0[1, " + handle + ", 10, " + handle + "]",
                        "dma_unmap_phys dma0[" + handle + ", 10, 1]",
                        "dma_free dma0[" + buffer.virt() + ", " + buffer.handle() + ", 100]");
    }

    @Test
    void aBufferWhoseFramesAreFreedIsFoundByVerify() {
        boot("i386-1g");
        DmaBuffer buffer = kernel.dmaAllocCoherent(device, 4096, Gfp.GFP_KERNEL);
        kernel.freePages((int) (buffer.handle() >>> 12), 0);
        assertThat(machine.verify().problems())
                .anyMatch(problem -> problem.contains("dma"))
                .anyMatch(problem -> problem.contains("which nobody holds"));
    }

    @Test
    void aBufferWhoseMappingIsGoneIsFoundByVerify() {
        boot("linux-3.0.15-itop4412");
        DmaBuffer buffer = kernel.dmaAllocCoherent(device, 8192, Gfp.GFP_KERNEL);
        machine.mmu().unmap(buffer.virt() + 4096);
        assertThat(machine.verify().problems())
                .singleElement()
                .asString()
                .startsWith(String.format("page 1 of the coherent DMA buffer at 0x%08x is not mapped", buffer.virt()));
    }

    /** A copy made while buffers, mappings and masks are live answers like the original, and takes everything back. */
    @ParameterizedTest
    @ValueSource(
            strings = {"i386-1g", "linux-3.0.15-itop4412", "arm-exynos4412", "linux-6.1-armmp", "linux-6.1-686-pae"})
    void aCopyHasTheSameBuffers(String profile) {
        boot(profile);
        kernel.dmaSetMask(device, (1L << 31) - 1);
        List<DmaBuffer> live = new ArrayList<>();
        for (int i = 1; i < 12; i++) {
            live.add(kernel.dmaAllocCoherent(device, 3000L * i, i % 2 == 0 ? Gfp.GFP_ATOMIC : Gfp.GFP_KERNEL));
        }
        kernel.dmaFreeCoherent(device, live.remove(4));
        long virt = kernel.getFreePages(kernel.gfp(Gfp.GFP_KERNEL), 0);
        long handle = kernel.dmaMapSingle(device, virt, 10, Direction.DMA_TO_DEVICE);
        kernel.dmaMappingError(device, handle);
        Machine copy = machine.fork("copy");
        assertThat(copy.views().dmaMappings()).isEqualTo(machine.views().dmaMappings());
        copy.verify().orThrow();
        for (Machine each : List.of(machine, copy)) {
            Kernel calls = TestMachines.kernel(each);
            long logged = each.log().lines().size();
            DmaBuffer next = calls.dmaAllocCoherent(device, 5000, Gfp.GFP_ATOMIC);
            live.forEach(buffer -> calls.dmaFreeCoherent(device, buffer));
            calls.dmaUnmapSingle(device, handle, 10, Direction.DMA_TO_DEVICE);
            assertThat(TestMachines.logSince(each, logged)).isEmpty();
            calls.writeString(next.virt(), "same");
            each.verify().orThrow();
        }
        assertThat(copy.views().dmaMappings())
                .hasSize(1)
                .isEqualTo(machine.views().dmaMappings());
        assertThat(copy.views().zones()).isEqualTo(machine.views().zones());
    }
}

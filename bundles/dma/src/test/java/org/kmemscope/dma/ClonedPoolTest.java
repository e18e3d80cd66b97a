package org.kmemscope.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.VmapAreaView.Kind;
import org.kmemscope.api.vmalloc.VmallocState;

/** Where boot mapped the atomic pool depends on what it mapped before; a clone is told by the record. */
class ClonedPoolTest {
    private static final int PAGE = 4096;
    private static final int POOL_PAGES = 64;

    private static VmapAreaView area(long start, int pages, Kind kind) {
        return new VmapAreaView(start, start + (pages + 1L) * PAGE, kind, pages, -1, "boot", List.of());
    }

    @Test
    void theAtomicPoolIsMappedWhereItWasRecorded() {
        long base = 0xf088_3000L;
        Machine machine = TestMachines.boot(
                "linux-6.1-armmp",
                new VmallocState(
                        List.of(
                                area(0xf080_0000L, 2, Kind.VMALLOC),
                                area(0xf080_3000L, 1, Kind.DMA_COHERENT),
                                area(base, POOL_PAGES, Kind.DMA_COHERENT)),
                        List.of()));
        assertThat(machine.vmalloc().areas()).hasSize(3);
        DmaBuffer buffer = buffer(machine);
        assertThat(Long.toHexString(buffer.virt())).isEqualTo(Long.toHexString(base));
        assertThat(machine.vmalloc().vmallocToPfn(base)).isEqualTo((int) (buffer.handle() >>> 12));
        machine.verify().orThrow();
    }

    /** With less memory the area for contiguous memory is in low memory, and so is the pool; nothing of a clone's own comes to lie there. */
    @Test
    void aPoolInLowMemoryIsWhereItWas() {
        Machine machine = TestMachines.boot("linux-6.1-armmp,mem=512M");
        assertThat(machine.vmalloc().areas()).isEmpty();
        Machine clone = TestMachines.cloned(machine);
        DmaBuffer buffer = buffer(machine);
        assertThat(buffer.virt()).isEqualTo(machine.layout().physToVirt(buffer.handle()));
        assertThat(buffer(clone)).isEqualTo(buffer);
        clone.verify().orThrow();
    }

    private static DmaBuffer buffer(Machine machine) {
        return TestMachines.kernel(machine)
                .dmaAllocCoherent(TestMachines.device(machine, "dma0"), 5000, Gfp.GFP_ATOMIC);
    }
}

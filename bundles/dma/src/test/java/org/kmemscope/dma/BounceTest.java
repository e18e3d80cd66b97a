package org.kmemscope.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;

/** The software IO TLB: buffers out of reach get a copy within, and slots are divided as a naive bitmap does it. */
class BounceTest {
    private final Machine machine = TestMachines.boot("linux-6.1-686,swiotlb=512");
    private final Kernel kernel = TestMachines.kernel(machine);
    private final DmaDevice card = TestMachines.device(machine, "isa0");
    private final long logged = machine.log().lines().size();

    @Test
    void aBufferOutOfReachIsCopiedThereAndBack() {
        long virt = kernel.kmalloc(3000, Gfp.GFP_KERNEL);
        kernel.write(virt, "to the device".getBytes());
        long handle = kernel.dmaMapSingle(card, virt, 3000, Direction.DMA_BIDIRECTIONAL);
        assertThat(kernel.dmaMappingError(card, handle)).isFalse();
        assertThat(handle).isLessThan(16L << 20).isNotEqualTo(machine.layout().virtToPhys(virt));
        assertThat(new String(machine.dma().deviceRead(card, handle, 13))).isEqualTo("to the device");
        machine.dma().deviceWrite(card, handle, "to the CPU".getBytes());
        kernel.dmaSyncSingleForCpu(card, handle, 3000, Direction.DMA_BIDIRECTIONAL);
        assertThat(kernel.readString(virt, 10)).isEqualTo("to the CPU");
        kernel.write(virt + 100, "again".getBytes());
        kernel.dmaSyncSingleForDevice(card, handle, 3000, Direction.DMA_BIDIRECTIONAL);
        assertThat(new String(machine.dma().deviceRead(card, handle + 100, 5))).isEqualTo("again");
        machine.dma().deviceWrite(card, handle, "the end".getBytes());
        kernel.dmaUnmapSingle(card, handle, 3000, Direction.DMA_BIDIRECTIONAL);
        assertThat(kernel.readString(virt, 7)).isEqualTo("the end");
        assertThat(TestMachines.logSince(machine, logged)).isEmpty();
        machine.verify().orThrow();
    }

    @Test
    void aFullPoolIsToldInTheKernelsWords() {
        long virt = kernel.getFreePages(kernel.gfp(Gfp.GFP_KERNEL), 7);
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            handles.add(kernel.dmaMapSingle(card, virt, 256 << 10, Direction.DMA_TO_DEVICE));
        }
        assertThat(handles).doesNotHaveDuplicates().doesNotContain(machine.dma().mappingError());
        long failed = kernel.dmaMapSingle(card, virt, 2049, Direction.DMA_TO_DEVICE);
        assertThat(kernel.dmaMappingError(card, failed)).isTrue();
        assertThat(TestMachines.logSince(machine, logged))
                .containsExactly(
                        "platform isa0: swiotlb buffer is full (sz: 2049 bytes), total 512 (slots), used 512 (slots)");
        kernel.dmaUnmapSingle(card, handles.get(2), 256 << 10, Direction.DMA_TO_DEVICE);
        assertThat(kernel.dmaMapSingle(card, virt, 2049, Direction.DMA_TO_DEVICE))
                .isEqualTo(handles.get(2));
        machine.verify().orThrow();
    }

    @Test
    void aMappingIsNoLongerThanASegment() {
        long virt = kernel.getFreePages(kernel.gfp(Gfp.GFP_KERNEL), 7);
        long handle = kernel.dmaMapSingle(card, virt, (256 << 10) + 1, Direction.DMA_TO_DEVICE);
        assertThat(kernel.dmaMappingError(card, handle)).isTrue();
    }

    /** Next fit from where the last one ended, pages for buffers of a page and more, nothing across segments of 128. */
    @Property(tries = 60)
    void slotsAreDividedAsANaiveBitmapDoes(@ForAll long seed) {
        Random random = new Random(seed);
        BouncePool pool = BouncePool.boot(machine).orElseThrow();
        int total = pool.slots();
        BitSet taken = new BitSet();
        int next = 0;
        List<int[]> live = new ArrayList<>();
        for (int step = 0; step < 150; step++) {
            if (live.isEmpty() || random.nextInt(3) > 0) {
                int size = 1 + random.nextInt(random.nextBoolean() ? 5000 : 200_000);
                int count = (size + 2047) / 2048;
                int stride = size >= 4096 ? 2 : 1;
                int start = (next + stride - 1) / stride * stride % total;
                int expected = -1;
                for (int i = 0; i < total / stride && expected < 0; i++) {
                    int slot = (start + i * stride) % total;
                    int busy = taken.nextSetBit(slot);
                    boolean fits = slot / 128 == (slot + count - 1) / 128;
                    if (fits && (busy < 0 || busy >= slot + count)) {
                        expected = slot;
                    }
                }
                assertThat(pool.take(size)).isEqualTo(expected);
                if (expected >= 0) {
                    taken.set(expected, expected + count);
                    next = (expected + count) % total;
                    live.add(new int[] {expected, size});
                }
            } else {
                int[] gone = live.remove(random.nextInt(live.size()));
                pool.give(gone[0], gone[1]);
                taken.clear(gone[0], gone[0] + (gone[1] + 2047) / 2048);
            }
            assertThat(pool.used()).isEqualTo(taken.cardinality());
        }
        kernel.freePages((int) (pool.start() >>> 12), Orders.ofPages(total / 2));
    }

    @Test
    void withoutTheOptionThereIsNoPool() {
        assertThat(BouncePool.boot(TestMachines.boot("linux-6.1-686"))).isEmpty();
    }
}

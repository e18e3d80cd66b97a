package org.kmemscope.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.Dma.TransferStatus;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaSegment;
import org.kmemscope.api.dma.DmaTxState;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;

/** A DMA engine: chains of descriptors in memory, moved while the CPU does something else. */
class EngineTest {
    private static final int PER_TICK = DmaEngine.BYTES_PER_TICK;
    private static final int AREA = 256 << 10;

    private final Machine machine = TestMachines.cached("arm-board28");
    private final Kernel kernel = TestMachines.kernel(machine);
    private final DmaDevice engine = TestMachines.device(machine, "dma1");
    private final DmaDevice disk = TestMachines.device(machine, "disk0");
    private final DmaChannel channel = kernel.dmaRequestChan(engine);
    private final List<String> interrupts = new ArrayList<>();
    private final long logged = machine.log().lines().size();

    private DmaBuffer area(int size) {
        return kernel.dmaAllocCoherent(engine, size, Gfp.GFP_KERNEL);
    }

    private int start(int transaction) {
        int cookie = kernel.dmaengineSubmit(channel, transaction);
        kernel.dmaAsyncIssuePending(channel);
        return cookie;
    }

    private DmaTxState state(int cookie) {
        return kernel.dmaengineTxStatus(channel, cookie);
    }

    private List<String> log() {
        return TestMachines.logSince(machine, logged);
    }

    private void listen() {
        kernel.requestIrq(
                channel.irq(),
                (own, irq) -> {
                    interrupts.add("at " + own.jiffies());
                    return true;
                },
                "test");
    }

    @Property(tries = 30)
    void randomTransactionsMoveWhatAByteArrayMoves(@ForAll long seed) {
        Random random = new Random(seed);
        DmaBuffer area = area(AREA);
        byte[] expected = new byte[AREA];
        random.nextBytes(expected);
        kernel.write(area.virt(), expected);
        List<Integer> cookies = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int length = 1 + random.nextInt(random.nextBoolean() ? 300 : AREA / 4);
            int from = random.nextInt(AREA / 2 - length + 1);
            int to = AREA / 2 + random.nextInt(AREA / 2 - length + 1);
            int id = kernel.dmaenginePrepDmaMemcpy(channel, area.handle() + to, area.handle() + from, length);
            cookies.add(kernel.dmaengineSubmit(channel, id));
            System.arraycopy(expected, from, expected, to, length);
            if (random.nextBoolean()) {
                kernel.dmaAsyncIssuePending(channel);
                machine.tick(random.nextInt(4));
            }
        }
        kernel.dmaAsyncIssuePending(channel);
        machine.tick(10L * AREA / PER_TICK + 20);
        assertThat(kernel.read(area.virt(), AREA)).isEqualTo(expected);
        assertThat(cookies)
                .doesNotHaveDuplicates()
                .allMatch(cookie -> state(cookie).status() == TransferStatus.COMPLETE);
        kernel.dmaFreeCoherent(engine, area);
        machine.verify().orThrow();
    }

    @Test
    void nothingMovesBeforeItIsIssuedAndTheResidueCountsDown() {
        listen();
        DmaBuffer area = area(AREA);
        kernel.memset(area.virt(), 0x5a, AREA / 2);
        int id = kernel.dmaenginePrepDmaMemcpy(channel, area.handle() + AREA / 2, area.handle(), 3L * PER_TICK);
        int cookie = kernel.dmaengineSubmit(channel, id);
        machine.tick(3);
        assertThat(state(cookie)).isEqualTo(new DmaTxState(TransferStatus.IN_PROGRESS, 3L * PER_TICK));
        kernel.dmaAsyncIssuePending(channel);
        machine.tick(1);
        assertThat(state(cookie).residue()).isEqualTo(2L * PER_TICK);
        assertThat(machine.dma().channels().get(0).state()).isEqualTo("busy");
        kernel.dmaenginePause(channel);
        machine.tick(5);
        assertThat(state(cookie)).isEqualTo(new DmaTxState(TransferStatus.PAUSED, 2L * PER_TICK));
        kernel.dmaengineResume(channel);
        machine.tick(2);
        assertThat(state(cookie)).isEqualTo(new DmaTxState(TransferStatus.COMPLETE, 0));
        assertThat(interrupts).containsExactly("at 11");
        assertThat(state(cookie + 1).status()).isEqualTo(TransferStatus.UNKNOWN);
        assertThat(kernel.dmaengineSubmit(channel, id)).isEqualTo(-22);
    }

    @Test
    void whatIsTerminatedStaysWhereItIs() {
        DmaBuffer area = area(AREA);
        kernel.memset(area.virt(), 0x5a, AREA / 2);
        int cookie = start(kernel.dmaenginePrepDmaMemcpy(channel, area.handle() + AREA / 2, area.handle(), AREA / 2));
        machine.tick(2);
        assertThat(kernel.dmaengineTerminateSync(channel)).isZero();
        machine.tick(20);
        byte[] target = kernel.read(area.virt() + AREA / 2, AREA / 2);
        assertThat(Arrays.copyOf(target, 2 * PER_TICK)).containsOnly(0x5a);
        assertThat(Arrays.copyOfRange(target, 2 * PER_TICK, AREA / 2)).containsOnly(0);
        assertThat(machine.dma().channels().get(0).state()).isEqualTo("idle");
        assertThat(state(cookie).residue()).isZero();
        kernel.dmaReleaseChannel(channel);
        assertThat(machine.dma().channels().get(0).state()).isEqualTo("free");
        assertThatThrownBy(() -> state(cookie)).hasMessageContaining("nobody has requested dma1chan0");
        machine.verify().orThrow();
    }

    @Test
    void aDescriptorInMemoryIsWhatTheChannelDoes() {
        DmaBuffer area = area(8192);
        kernel.memset(area.virt(), 0x11, 4096);
        int id = kernel.dmaenginePrepDmaMemcpy(channel, area.handle() + 4096, area.handle(), 4096);
        long ring = machine.dma().mappings().get(0).virt();
        assertThat(kernel.read32(ring)).isEqualTo((int) area.handle());
        assertThat(kernel.read32(ring + 8)).isEqualTo(4096);
        // a wild write to the chain does here what it does there
        kernel.write32(ring + 8, 16);
        start(id);
        machine.tick(2);
        byte[] target = kernel.read(area.virt() + 4096, 4096);
        assertThat(Arrays.copyOf(target, 16)).containsOnly(0x11);
        assertThat(target[16]).isZero();
        assertThat(kernel.read32(ring + 0x14)).isEqualTo(0x8000_0010);
    }

    @Test
    void addressesOutOfReachAndWithoutMemoryAreErrors() {
        listen();
        DmaBuffer area = area(4096);
        int first = start(kernel.dmaenginePrepDmaMemcpy(channel, 0x2000_0000L, area.handle(), 64));
        machine.tick(2);
        assertThat(state(first).status()).isEqualTo(TransferStatus.ERROR);
        assertThat(log())
                .singleElement()
                .asString()
                .startsWith("kmemscope: dma1chan0: descriptor 0x")
                .contains("dma1: bus address 0x20000000 is beyond its 28 address lines");
        kernel.dmaengineSlaveConfig(channel, 0x1234);
        int second = start(kernel.dmaenginePrepSlaveSg(
                channel, List.of(new DmaSegment(area.handle(), 64)), Direction.DMA_TO_DEVICE));
        machine.tick(2);
        assertThat(state(second).status()).isEqualTo(TransferStatus.ERROR);
        assertThat(log()).last().asString().contains("no device has a data register at 0x00001234");
        int third = start(kernel.dmaenginePrepDmaMemcpy(channel, area.handle() + 64, area.handle(), 64));
        machine.tick(2);
        assertThat(state(third).status()).isEqualTo(TransferStatus.COMPLETE);
        assertThat(interrupts).hasSize(3);
    }

    @Test
    void aDiskIsServedAndKeepsWhatWasWritten() {
        long registers = kernel.ioremap(disk.base(), disk.size());
        kernel.dmaengineSlaveConfig(channel, disk.base() + 0x100);
        DmaBuffer area = area(16384);
        byte[] bytes = new byte[8192];
        new Random(7).nextBytes(bytes);
        kernel.write(area.virt(), bytes);
        int write = kernel.dmaenginePrepSlaveSg(
                channel,
                List.of(new DmaSegment(area.handle() + 4096, 4096), new DmaSegment(area.handle(), 4096)),
                Direction.DMA_TO_DEVICE);
        int cookie = start(write);
        machine.tick(2);
        // without a command the disk asks for nothing
        assertThat(state(cookie).residue()).isEqualTo(8192);
        command(registers, 2, 100, 16);
        machine.tick(4);
        assertThat(state(cookie).status()).isEqualTo(TransferStatus.COMPLETE);
        assertThat(kernel.read32(registers + 4)).isEqualTo(2);
        start(kernel.dmaenginePrepSlaveSg(
                channel, List.of(new DmaSegment(area.handle() + 8192, 4096)), Direction.DMA_FROM_DEVICE));
        command(registers, 1, 100, 8);
        machine.tick(4);
        assertThat(kernel.read(area.virt() + 8192, 4096)).isEqualTo(Arrays.copyOfRange(bytes, 4096, 8192));
        command(registers, 1, 2047, 2);
        assertThat(kernel.read32(registers + 4) & 4).isEqualTo(4);
        assertThat(log()).isEmpty();
    }

    private void command(long registers, int command, int sector, int count) {
        kernel.write32(registers + 8, sector);
        kernel.write32(registers + 0xc, count);
        kernel.write32(registers, command);
    }

    @Test
    void aCyclicTransactionGoesRoundAndInterruptsEachPeriod() {
        listen();
        long registers = kernel.ioremap(disk.base(), disk.size());
        kernel.dmaengineSlaveConfig(channel, disk.base() + 0x100);
        DmaBuffer area = area(4096);
        assertThat(kernel.dmaenginePrepDmaCyclic(channel, area.handle(), 4096, 3000, Direction.DMA_FROM_DEVICE))
                .isEqualTo(-22);
        int cookie =
                start(kernel.dmaenginePrepDmaCyclic(channel, area.handle(), 4096, 1024, Direction.DMA_FROM_DEVICE));
        command(registers, 1, 0, 5);
        machine.tick(3);
        // 2560 bytes: two periods of four, and half of the third
        assertThat(state(cookie)).isEqualTo(new DmaTxState(TransferStatus.IN_PROGRESS, 4096 - 2560));
        assertThat(interrupts).isNotEmpty();
        command(registers, 1, 0, 5);
        machine.tick(3);
        assertThat(state(cookie).residue()).isEqualTo(3 * 1024);
        kernel.dmaengineTerminateSync(channel);
        assertThat(log()).isEmpty();
    }

    @Test
    void memoryInFlightIsToldOnce() {
        DmaBuffer area = area(AREA);
        start(kernel.dmaenginePrepDmaMemcpy(channel, area.handle() + AREA / 2, area.handle(), AREA / 2));
        machine.tick(2);
        kernel.read32(area.virt() + 4);
        assertThat(log()).isEmpty();
        kernel.write32(area.virt() + AREA / 4, 1);
        kernel.read32(area.virt() + AREA / 2);
        assertThat(log())
                .containsExactly(String.format(
                        "kmemscope: DMA: in flight at driver.c:1: it writes 4 bytes at 0x%08x, which transaction 1 of dma1chan0"
                                + " reads (32768 of 131072 bytes moved); wait for its interrupt",
                        area.virt() + AREA / 4));
    }

    @Test
    void channelsAndSlotsHaveAnEnd() {
        assertThat(kernel.dmaRequestChan(engine).name()).isEqualTo("dma1chan1");
        kernel.dmaRequestChan(engine);
        kernel.dmaRequestChan(engine);
        assertThat(kernel.dmaRequestChan(engine)).isEqualTo(DmaChannel.NONE);
        assertThatThrownBy(() -> kernel.dmaRequestChan(disk)).hasMessageContaining("disk0 is no DMA engine");
        for (int i = 0; i < ChannelDriver.SLOTS; i++) {
            assertThat(kernel.dmaenginePrepDmaMemcpy(channel, 0, 0, 16)).isPositive();
        }
        assertThat(kernel.dmaenginePrepDmaMemcpy(channel, 0, 0, 16)).isEqualTo(-12);
        assertThat(kernel.dmaenginePrepSlaveSg(channel, List.of(), Direction.DMA_TO_DEVICE))
                .isEqualTo(-22);
    }

    @Test
    void aCopyGoesOnInTheMiddle() {
        DmaBuffer area = area(AREA);
        kernel.memset(area.virt(), 0x33, AREA / 2);
        int cookie = start(kernel.dmaenginePrepDmaMemcpy(channel, area.handle() + AREA / 2, area.handle(), AREA / 2));
        machine.tick(3);
        Machine copy = machine.fork("copy");
        kernel.dmaengineTerminateSync(channel);
        copy.tick(20);
        Kernel other = TestMachines.kernel(copy);
        assertThat(other.dmaengineTxStatus(channel, cookie).status()).isEqualTo(TransferStatus.COMPLETE);
        assertThat(other.read(area.virt() + AREA / 2, AREA / 2)).containsOnly(0x33);
        copy.verify().orThrow();
    }
}

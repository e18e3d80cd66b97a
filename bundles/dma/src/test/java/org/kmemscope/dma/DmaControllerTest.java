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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.dma.Dma.TransferStatus;
import org.kmemscope.api.dma.DmaDescriptor;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.trace.TracePoint;

class DmaControllerTest {
    private static final int AREA_ORDER = 6;
    private static final int AREA = 4096 << AREA_ORDER;
    private static final int PER_TICK = DmaController.BYTES_PER_TICK;

    private final Machine machine = TestMachines.boot("i386-1g");
    private final Kernel kernel = TestMachines.kernel(machine);
    private final DmaDevice device = TestMachines.device(machine, "dma0");
    private final List<String> interrupts = new ArrayList<>();

    private long area() {
        return (long) kernel.allocPages(Gfp.GFP_KERNEL, AREA_ORDER) << 12;
    }

    private byte[] bytes(Machine of, long phys, int length) {
        byte[] bytes = new byte[length];
        of.ram().read(phys, bytes, 0, length);
        return bytes;
    }

    private String status(int cookie) {
        return kernel.dmaStatus(device, cookie);
    }

    // ---- moving bytes

    /** The documented engine on a byte array: ticks of limited size, bursts that end at the pages of both sides. */
    private static void model(byte[] memory, int from, int to, int length) {
        int moved = 0;
        while (moved < length) {
            int budget = PER_TICK;
            while (budget > 0 && moved < length) {
                int source = from + moved;
                int target = to + moved;
                int burst = Math.min(
                        Math.min(budget, length - moved), Math.min(4096 - source % 4096, 4096 - target % 4096));
                byte[] read = Arrays.copyOfRange(memory, source, source + burst);
                System.arraycopy(read, 0, memory, target, burst);
                moved += burst;
                budget -= burst;
            }
        }
    }

    @Property(tries = 60)
    void randomOrdersMoveWhatAByteArrayMoves(@ForAll long seed) {
        Random random = new Random(seed);
        long area = area();
        byte[] expected = new byte[AREA];
        random.nextBytes(expected);
        machine.ram().write(area, expected, 0, AREA);
        List<Integer> cookies = new ArrayList<>();
        for (int order = 0; order < 12; order++) {
            int length = 1 + random.nextInt(random.nextBoolean() ? 200 : AREA / 2);
            int from = random.nextInt(AREA - length + 1);
            int to = random.nextInt(AREA - length + 1);
            cookies.add(kernel.dmaSubmit(device, new DmaDescriptor(area + from, area + to, length)));
            model(expected, from, to, length);
            machine.tick(random.nextInt(8));
        }
        assertThat(cookies).doesNotHaveDuplicates().allMatch(cookie -> cookie > 0);
        machine.tick(12L * AREA / PER_TICK);
        assertThat(bytes(machine, area, AREA)).isEqualTo(expected);
        assertThat(cookies).allMatch(cookie -> status(cookie).equals("COMPLETE"));
        kernel.freePages((int) (area >>> 12), AREA_ORDER);
        machine.verify().orThrow();
    }

    @Test
    void aTickMovesSoManyBytesAndNoMore() {
        long area = area();
        machine.ram().fill(area, AREA / 2, 0x5a);
        int cookie = kernel.dmaSubmit(device, new DmaDescriptor(area, area + AREA / 2, 3 * PER_TICK));
        assertThat(status(cookie)).isEqualTo("IN_PROGRESS");
        machine.tick(1);
        assertThat(bytes(machine, area + AREA / 2, PER_TICK)).containsOnly(0x5a);
        assertThat(bytes(machine, area + AREA / 2 + PER_TICK, PER_TICK)).containsOnly(0);
        machine.tick(1);
        assertThat(status(cookie)).isEqualTo("IN_PROGRESS");
        machine.tick(1);
        assertThat(status(cookie)).isEqualTo("COMPLETE");
        assertThat(status(cookie + 1)).isEqualTo("UNKNOWN");
        assertThat(status(0)).isEqualTo("UNKNOWN");
    }

    @Test
    void theQueueHasAnEndAndBadOrdersAreRefused() {
        long area = area();
        DmaDescriptor order = new DmaDescriptor(area, area + 4096, 4096);
        for (int i = 0; i < TransferQueue.CAPACITY; i++) {
            assertThat(kernel.dmaSubmit(device, order)).isEqualTo(i + 1);
        }
        assertThat(kernel.dmaSubmit(device, order)).isEqualTo(-16);
        assertThat(kernel.dmaSubmit(device, new DmaDescriptor(area, area, 0))).isEqualTo(-22);
        assertThat(kernel.dmaSubmit(device, new DmaDescriptor(area, area, 1L << 32)))
                .isEqualTo(-22);
        assertThat(kernel.dmaSubmit(DmaDevice.NULL, order)).isEqualTo(-19);
        Machine pc = TestMachines.boot("linux-6.1-686");
        DmaDevice isa = TestMachines.device(pc, "isa0");
        assertThat(TestMachines.kernel(pc).dmaSubmit(isa, order)).isEqualTo(-19);
        assertThat(pc.dma().status(isa, 1)).isEqualTo(TransferStatus.UNKNOWN);
    }

    // ---- interrupts

    private boolean handle(Kernel own, int irq) {
        interrupts.add("irq " + irq + (kernel.inInterrupt() ? " in interrupt" : "")
                + (machine.context().inHardirq() ? ", hard" : "") + ", " + status(interrupts.size() + 1));
        return true;
    }

    @Test
    void theHandlerRunsInHardInterruptContextWhenAnOrderEnds() {
        assertThat(kernel.requestIrq(device.irq(), this::handle, "copy")).isZero();
        long area = area();
        kernel.dmaSubmit(device, new DmaDescriptor(area, area + 4096, 100));
        kernel.dmaSubmit(device, new DmaDescriptor(area, area + 4096, PER_TICK + 1));
        machine.tick(2);
        assertThat(interrupts).containsExactly("irq " + device.irq() + " in interrupt, hard, COMPLETE");
        machine.tick(1);
        assertThat(interrupts).hasSize(2);
        assertThat(machine.context().inInterrupt()).isFalse();
        assertThat(machine.interrupts().counts()[device.irq()]).isEqualTo(2);
    }

    @Test
    void withoutAHandlerTheLineIsMaskedAndTheTransferEndsAllTheSame() {
        long logged = machine.log().lines().size();
        long area = area();
        int cookie = kernel.dmaSubmit(device, new DmaDescriptor(area, area + 4096, 100));
        machine.tick(1);
        assertThat(status(cookie)).isEqualTo("COMPLETE");
        assertThat(TestMachines.logSince(machine, logged)).isEmpty();
        assertThat(machine.interrupts().counts()[device.irq()]).isZero();
    }

    @Test
    void withInterruptsOffTheHandlerWaits() {
        kernel.requestIrq(device.irq(), this::handle, "copy");
        long area = area();
        int cookie = kernel.dmaSubmit(device, new DmaDescriptor(area, area + 4096, 100));
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.HARDIRQ));
        machine.tick(5);
        assertThat(status(cookie)).isEqualTo("COMPLETE");
        assertThat(interrupts).isEmpty();
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.PROCESS));
        assertThat(interrupts).hasSize(1);
    }

    @Test
    void aHandlerThatSleepsIsRefusedAndTheNextOrderGoesOn() {
        kernel.requestIrq(device.irq(), (own, irq) -> own.allocPages(Gfp.GFP_KERNEL, 0) >= 0, "sleeper");
        long area = area();
        kernel.dmaSubmit(device, new DmaDescriptor(area, area + 4096, 100));
        int next = kernel.dmaSubmit(device, new DmaDescriptor(area, area + 8192, 100));
        assertThatThrownBy(() -> machine.tick(1))
                .isInstanceOf(KernelBug.class)
                .hasMessageStartingWith("BUG: sleeping function called from invalid context");
        assertThat(machine.context().inInterrupt()).isFalse();
        kernel.freeIrq(device.irq(), "sleeper");
        kernel.requestIrq(device.irq(), this::handle, "copy");
        machine.tick(1);
        assertThat(status(next)).isEqualTo("COMPLETE");
    }

    // ---- errors

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "i386-1g | 0x7ffff000 | bus error: read of 100 bytes from 0x7ffff000 at physical 0x7ffff000, where there is no RAM",
                "i386-1g | 0xffffffffff | bus address 0xffffffffff is beyond its 32 address lines",
                "i386-1g | -1 | bus address 0xffffffffffffffff is beyond its 32 address lines"
            })
    void anAddressWithoutRamOrOutOfReachEndsInAnErrorAndAnInterrupt(String profile, long bad, String reason) {
        kernel.requestIrq(device.irq(), this::handle, "copy");
        long logged = machine.log().lines().size();
        long area = area();
        int failing = kernel.dmaSubmit(device, new DmaDescriptor(bad, area, 100));
        int next = kernel.dmaSubmit(device, new DmaDescriptor(area, area + 4096, 100));
        machine.tick(2);
        assertThat(status(failing)).isEqualTo("ERROR");
        assertThat(status(next)).isEqualTo("COMPLETE");
        assertThat(interrupts).hasSize(2).first().asString().endsWith("ERROR");
        assertThat(TestMachines.logSince(machine, logged))
                .containsExactly("kmemscope: dma0: transfer 1 stopped after 0 bytes: " + reason);
        machine.verify().orThrow();
    }

    @Test
    void whatWasMovedBeforeAnErrorStaysMoved() {
        long end = (long) machine.layout().maxPfn() << 12;
        long logged = machine.log().lines().size();
        long area = area();
        machine.ram().fill(area, AREA, 0x33);
        int cookie = kernel.dmaSubmit(device, new DmaDescriptor(area, end - 8192, 8193));
        machine.tick(1);
        assertThat(status(cookie)).isEqualTo("ERROR");
        assertThat(bytes(machine, end - 8192, 8192)).containsOnly(0x33);
        assertThat(TestMachines.logSince(machine, logged)).first().asString().contains("stopped after 8192 bytes");
    }

    // ---- registers

    @Test
    void aDriverCanProgramTheRegisters() {
        long area = area();
        machine.ram().fill(area, 4096, 0x11);
        long registers = machine.locked(() -> machine.vmalloc().ioremap(device.base(), device.size()));
        kernel.requestIrq(device.irq(), this::handle, "copy");
        kernel.write32(registers + DmaController.SRC, (int) area);
        kernel.write32(registers + DmaController.SRC + 8, (int) area + 4096);
        kernel.write32(registers + DmaController.LEN, 4096);
        assertThat(kernel.read32(registers + DmaController.LEN)).isEqualTo(4096);
        assertThat(kernel.read32(registers + DmaController.CONTROL)).isEqualTo(DmaController.IRQ_ENABLE);
        kernel.write32(registers + DmaController.CONTROL, DmaController.START | DmaController.IRQ_ENABLE);
        assertThat(kernel.read32(registers + DmaController.COOKIE)).isEqualTo(1);
        assertThat(kernel.read32(registers + DmaController.STATUS)).isEqualTo(DmaController.BUSY | 1 << 8);
        kernel.sleep(1);
        assertThat(kernel.read32(registers + DmaController.STATUS)).isZero();
        assertThat(kernel.read32(registers + DmaController.ENDED)).isEqualTo(1);
        assertThat(kernel.read32(registers + DmaController.INT_STATUS)).isEqualTo(DmaController.COMPLETE);
        kernel.write32(registers + DmaController.INT_STATUS, DmaController.COMPLETE);
        assertThat(kernel.read32(registers + DmaController.INT_STATUS)).isZero();
        assertThat(bytes(machine, area + 4096, 4096)).containsOnly(0x11);
        assertThat(interrupts).hasSize(1);

        kernel.write32(registers + DmaController.LEN, 0);
        kernel.write32(registers + DmaController.CONTROL, DmaController.START);
        assertThat(kernel.read32(registers + DmaController.COOKIE)).isEqualTo(-22);
        kernel.write32(registers + DmaController.LEN, 10);
        kernel.write32(registers + DmaController.CONTROL, DmaController.START);
        kernel.sleep(1);
        assertThat(interrupts).as("the line is masked").hasSize(1);
        assertThat(kernel.read32(registers + 0x100)).isZero();
    }

    @Test
    void aResetStopsEverything() {
        kernel.requestIrq(device.irq(), this::handle, "copy");
        long area = area();
        int first = kernel.dmaSubmit(device, new DmaDescriptor(area, area + AREA / 2, AREA / 2));
        int second = kernel.dmaSubmit(device, new DmaDescriptor(area, area + AREA / 2, 1));
        machine.tick(1);
        long registers = machine.locked(() -> machine.vmalloc().ioremap(device.base(), device.size()));
        assertThat(kernel.read32(registers + DmaController.MOVED)).isEqualTo(PER_TICK);
        kernel.write32(registers + DmaController.CONTROL, DmaController.RESET);
        assertThat(status(first)).isEqualTo("ERROR");
        assertThat(status(second)).isEqualTo("ERROR");
        int third = kernel.dmaSubmit(device, new DmaDescriptor(area, area + AREA / 2, PER_TICK + 1));
        machine.tick(1);
        assertThat(status(third))
                .as("the tick of before the reset moved nothing")
                .isEqualTo("IN_PROGRESS");
        machine.tick(1);
        assertThat(status(third)).isEqualTo("COMPLETE");
        assertThat(interrupts).hasSize(1);
    }

    // ---- copies and events

    @Test
    void aCopyMadeInMidTransferEndsAsTheOtherDoes() {
        long area = area();
        byte[] data = new byte[AREA / 2];
        new Random(3).nextBytes(data);
        machine.ram().write(area, data, 0, data.length);
        int first = kernel.dmaSubmit(device, new DmaDescriptor(area, area + AREA / 2, AREA / 2 - 5));
        int second = kernel.dmaSubmit(device, new DmaDescriptor(area + AREA / 2, area + 1, 50_000));
        machine.tick(3);
        Machine copy = machine.fork("copy");
        byte[] middle = bytes(machine, area, AREA);
        machine.tick(40);
        assertThat(bytes(copy, area, AREA)).isEqualTo(middle);
        assertThat(copy.dma().status(device, first)).isEqualTo(TransferStatus.IN_PROGRESS);
        copy.tick(40);
        assertThat(bytes(copy, area, AREA)).isEqualTo(bytes(machine, area, AREA));
        for (int cookie : new int[] {first, second}) {
            assertThat(copy.dma().status(device, cookie)).isEqualTo(TransferStatus.COMPLETE);
            assertThat(machine.dma().status(device, cookie)).isEqualTo(TransferStatus.COMPLETE);
        }
        assertThat(copy.interrupts().counts()).isEqualTo(machine.interrupts().counts());
        assertThat(copy.views().dmesg()).isEqualTo(machine.views().dmesg());
        assertThat(TestMachines.kernel(copy).dmaSubmit(device, new DmaDescriptor(area, area, 1)))
                .isEqualTo(kernel.dmaSubmit(device, new DmaDescriptor(area, area, 1)));
        copy.verify().orThrow();
        machine.verify().orThrow();
    }

    @Test
    void beginAndEndOfATransferAreEvents() {
        List<String> events = new ArrayList<>();
        machine.trace()
                .listen(
                        (point, header, values) -> events.add(point.label() + " "
                                + Arrays.toString(Arrays.copyOf(values, 5)) + " at " + header.jiffies()),
                        TracePoint.DMA_TRANSFER);
        long area = area();
        kernel.dmaSubmit(device, new DmaDescriptor(area, area + 4096, 100));
        machine.tick(1);
        assertThat(events)
                .containsExactly(
                        "kmemscope:dma_transfer [0, " + area + ", " + (area + 4096) + ", 100, 1] at 0",
                        "kmemscope:dma_transfer [0, " + area + ", " + (area + 4096) + ", 100, 2] at 1");
    }
}

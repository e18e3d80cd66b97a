package org.kmemscope.dma;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.dma.Dma.TransferStatus;
import org.kmemscope.api.dma.DmaDescriptor;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.error.BusError;
import org.kmemscope.api.ground.Clock;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.trace.TracePoint;

/**
 * A DMA controller of the model's own design, with one channel: it copies from bus address to bus address while the CPU does something
 * else, and raises its interrupt at the end of each order.
 *
 * <pre>
 *   00 CONTROL      w   1 START    queue the order that SRC, DST and LEN describe; see COOKIE
 *                   rw  2 IRQ      raise the interrupt line when an order ends (set after reset)
 *                   w   4 RESET    every order ends in error, without an interrupt; registers as after power-on
 *   04 STATUS       r   1 BUSY     2 FULL, no order can be queued     bits 8-15: orders queued
 *   08 SRC  0c SRC_HI   rw         bus address to read from; the high half is for machines with more than 32 address bits
 *   10 DST  14 DST_HI   rw         bus address to write to
 *   18 LEN              rw         bytes
 *   1c COOKIE       r              number of the order last queued by START; a negative errno if it was refused
 *   20 ENDED        r              number of the order that ended last
 *   24 MOVED        r              bytes moved of the order in work
 *   28 INT_STATUS   rw  1 COMPLETE 2 ERROR; writing ones clears them. The line is raised once for each order, whether cleared or not
 * </pre>
 *
 * <ol>
 *   <li>A tick moves up to {@value #BYTES_PER_TICK} bytes, in bursts that do not cross a page of either side. A burst is read before it is
 *       written; bursts ascend. So source and destination may overlap as {@code memcpy} lets them, not as {@code memmove} does.
 *   <li>At an address the controller cannot produce, or where there is no RAM, it stops: what was moved stays moved, the order ends in
 *       error, and the next one starts.
 *   <li>The registers are on the bus like any device's; {@code Dma.submit} queues an order without touching SRC, DST and LEN.
 * </ol>
 */
final class DmaController implements DeviceModel, Clock.TimerHandler, Flights {
    /** Slow on purpose: a transfer shall have a middle that can be looked at. */
    static final int BYTES_PER_TICK = 16384;

    /** The kind of such a device in a profile. */
    static final String KIND = "dma-controller";

    static final int CONTROL = 0x00;
    static final int STATUS = 0x04;
    static final int SRC = 0x08;
    static final int LEN = 0x18;
    static final int COOKIE = 0x1c;
    static final int ENDED = 0x20;
    static final int MOVED = 0x24;
    static final int INT_STATUS = 0x28;

    static final int START = 1;
    static final int IRQ_ENABLE = 2;
    static final int RESET = 4;
    static final int BUSY = 1;
    static final int FULL = 2;
    static final int COMPLETE = 1;
    static final int ERROR = 2;

    private static final List<String> REGISTERS = List.of(
            "CONTROL", "STATUS", "SRC", "SRC_HI", "DST", "DST_HI", "LEN", "COOKIE", "ENDED", "MOVED", "INT_STATUS");
    private static final int QUEUED_SHIFT = 8;
    private static final int EINVAL = -22;
    private static final int EBUSY = -16;

    private final Ground ground;
    private final DeviceSpec spec;
    private final DmaDevice device;
    private final Bus bus;
    private final byte[] burstBuffer = new byte[Profile.PAGE_SIZE];
    private final TransferQueue queue = new TransferQueue();
    /** SRC, SRC_HI, DST, DST_HI, LEN. */
    private final int[] order = new int[5];

    private int cookie;
    private int interrupts;
    private boolean irqEnabled = true;
    /** Counts resets: a tick that was asked for before one is nobody's. */
    private long generation;

    DmaController(Ground ground, DeviceSpec spec, DmaDevice device, Bus bus) {
        this.ground = ground;
        this.spec = spec;
        this.device = device;
        this.bus = bus;
        ground.ram().addDevice(this);
        ground.clock().register(timer(), this);
    }

    private String timer() {
        return "dma controller " + spec.name();
    }

    // ---- orders

    /** Queues an order: its cookie, or a negative errno. */
    int submit(DmaDescriptor descriptor) {
        if (descriptor.length() < 1 || descriptor.length() > Masks.BITS_32) {
            return EINVAL;
        }
        if (queue.isFull()) {
            return EBUSY;
        }
        int accepted = queue.add(descriptor);
        if (queue.size() == 1) {
            start();
        }
        return accepted;
    }

    TransferStatus status(int transfer) {
        return queue.status(transfer);
    }

    private void start() {
        trace(queue.current(), TransferStatus.IN_PROGRESS);
        ground.clock().schedule(1, timer(), generation);
    }

    @Override
    public void due(long scheduledBy) {
        if (scheduledBy != generation || queue.isEmpty()) {
            return;
        }
        DmaDescriptor current = queue.current();
        String problem = "";
        try {
            problem = work(current);
        } catch (BusError e) {
            problem = e.getMessage();
        }
        if (!problem.isEmpty()) {
            ground.log()
                    .printk(
                            KernelLog.ERR,
                            String.format(
                                    "kmemscope: %s: transfer %d stopped after %d bytes: %s",
                                    spec.name(), queue.currentCookie(), queue.moved(), problem));
            end(current, false);
        } else if (queue.moved() == current.length()) {
            end(current, true);
        } else {
            ground.clock().schedule(1, timer(), generation);
        }
    }

    /** Moves what one tick moves; the reason if it cannot go on. */
    private String work(DmaDescriptor current) {
        long budget = BYTES_PER_TICK;
        while (budget > 0 && queue.moved() < current.length()) {
            long from = current.source() + queue.moved();
            long to = current.destination() + queue.moved();
            long burst = Math.min(
                    Math.min(budget, current.length() - queue.moved()), Math.min(toPageEnd(from), toPageEnd(to)));
            String refusal = bus.refusal(device, from, burst);
            if (refusal.isEmpty()) {
                refusal = bus.refusal(device, to, burst);
            }
            if (!refusal.isEmpty()) {
                return refusal;
            }
            bus.read(device, from, burstBuffer, 0, (int) burst);
            bus.write(device, to, burstBuffer, 0, (int) burst);
            queue.move(burst);
            budget -= burst;
        }
        return "";
    }

    // ---- what is in flight

    @Override
    public boolean any() {
        return !queue.isEmpty();
    }

    @Override
    public Optional<Flight> over(long phys, long length, boolean write) {
        if (queue.isEmpty()) {
            return Optional.empty();
        }
        DmaDescriptor current = queue.current();
        long at = bus.toBus(device, phys);
        boolean target = at < current.destination() + current.length() && current.destination() < at + length;
        boolean source = at < current.source() + current.length() && current.source() < at + length;
        return target || source && write
                ? Optional.of(new Flight(
                        "transfer " + queue.currentCookie() + " of " + spec.name(),
                        queue.moved(),
                        current.length(),
                        target,
                        (long) queue.currentCookie() << 8 | 0xff))
                : Optional.empty();
    }

    private static long toPageEnd(long address) {
        return Profile.PAGE_SIZE - (address & Profile.PAGE_SIZE - 1);
    }

    /** The interrupt comes last: its handler may queue the next order, or fail. */
    private void end(DmaDescriptor done, boolean well) {
        queue.end(well);
        interrupts |= well ? COMPLETE : ERROR;
        trace(done, well ? TransferStatus.COMPLETE : TransferStatus.ERROR);
        if (!queue.isEmpty()) {
            start();
        }
        if (irqEnabled && spec.irq() > 0) {
            ground.interrupts().raise(spec.irq());
        }
    }

    private void trace(DmaDescriptor descriptor, TransferStatus status) {
        if (ground.trace().on(TracePoint.DMA_TRANSFER)) {
            ground.trace()
                    .fire(
                            TracePoint.DMA_TRANSFER,
                            device.id(),
                            descriptor.source(),
                            descriptor.destination(),
                            descriptor.length(),
                            status.ordinal());
        }
    }

    // ---- registers

    @Override
    public DeviceSpec spec() {
        return spec;
    }

    @Override
    public String what() {
        return "DMA controller";
    }

    @Override
    public String register(long offset) {
        return DeviceModel.named(REGISTERS, offset);
    }

    @Override
    public int read32(long offset) {
        int register = (int) offset;
        if (register >= SRC && register <= LEN) {
            return order[(register - SRC) / Integer.BYTES];
        }
        return switch (register) {
            case CONTROL -> irqEnabled ? IRQ_ENABLE : 0;
            case STATUS -> (queue.isEmpty() ? 0 : BUSY) | (queue.isFull() ? FULL : 0) | queue.size() << QUEUED_SHIFT;
            case COOKIE -> cookie;
            case ENDED -> queue.endedCookie();
            case MOVED -> (int) queue.moved();
            case INT_STATUS -> interrupts;
            default -> 0;
        };
    }

    @Override
    public void write32(long offset, int value) {
        int register = (int) offset;
        if (register >= SRC && register <= LEN) {
            order[(register - SRC) / Integer.BYTES] = value;
        } else if (register == INT_STATUS) {
            interrupts &= ~value;
        } else if (register == CONTROL) {
            control(value);
        }
    }

    private void control(int value) {
        irqEnabled = (value & IRQ_ENABLE) != 0;
        if ((value & RESET) != 0) {
            reset();
        }
        if ((value & START) != 0) {
            cookie = submit(new DmaDescriptor(
                    address(order[0], order[1]), address(order[2], order[3]), Integer.toUnsignedLong(order[4])));
        }
    }

    private static long address(int low, int high) {
        return (long) high << Integer.SIZE | Integer.toUnsignedLong(low);
    }

    private void reset() {
        while (!queue.isEmpty()) {
            queue.end(false);
        }
        Arrays.fill(order, 0);
        cookie = 0;
        interrupts = 0;
        irqEnabled = true;
        generation++;
    }

    // ---- state

    @Override
    public void save(StateWriter out) {
        queue.save(out);
        out.putInts(order);
        out.putInts(new int[] {cookie, interrupts, irqEnabled ? 1 : 0});
        out.putLong(generation);
    }

    @Override
    public void restore(StateReader in) {
        queue.restore(in);
        System.arraycopy(in.getInts(), 0, order, 0, order.length);
        int[] values = in.getInts();
        cookie = values[0];
        interrupts = values[1];
        irqEnabled = values[2] != 0;
        generation = in.getLong();
    }
}

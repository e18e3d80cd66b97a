package org.kmemscope.dma;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.error.BusError;
import org.kmemscope.api.ground.Clock;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.trace.TracePoint;

/**
 * A network card of the model's own design: a bus master with two rings of descriptors in memory, as most cards have.
 *
 * <pre>
 *   00 CONTROL   rw  1 RX enable   2 TX enable   4 IRQ enable
 *   04 STATUS    r   1 a frame was received   2 a frame was sent   4 no descriptor for a frame   8 bus error; writing ones clears
 *   08 RX_RING   rw  bus address of the descriptors for receiving      0c RX_SIZE  rw  how many
 *   10 TX_RING   rw  bus address of the descriptors for sending        14 TX_SIZE  rw  how many
 *   18 KICK      w   there is something to send
 *   1c RX_HEAD   r   the descriptor that takes the next frame          20 TX_HEAD  r   the one that is sent next
 *
 *   descriptor   | 0 bus address of the buffer | 4 length | 8 flags | c unused |
 *                flags: 0x80000000 the card's   1 done   2 error
 * </pre>
 *
 * <ol>
 *   <li>One frame in, and one out, each tick. A frame that comes when its descriptor is not the card's is lost.
 *   <li>The card writes the frame, then length and flags. It looks at a descriptor only when it needs it.
 *   <li>At an address it cannot reach it stops: both enables go off, and the driver gets bit 8.
 * </ol>
 */
final class NetCard implements DeviceModel, Clock.TimerHandler {
    /** The kind of such a device in a profile. */
    static final String KIND = "net-card";

    private static final int CONTROL = 0x00;
    private static final int STATUS = 0x04;
    private static final int RX_RING = 0x08;
    private static final int TX_SIZE = 0x14;
    private static final int KICK = 0x18;
    private static final int RX_HEAD = 0x1c;
    private static final int TX_HEAD = 0x20;
    private static final List<String> REGISTERS =
            List.of("CONTROL", "STATUS", "RX_RING", "RX_SIZE", "TX_RING", "TX_SIZE", "KICK", "RX_HEAD", "TX_HEAD");

    private static final int RX_ENABLE = 1;
    private static final int TX_ENABLE = 2;
    private static final int IRQ_ENABLE = 4;
    private static final int RECEIVED = 1;
    private static final int SENT = 2;
    private static final int OVERRUN = 4;
    private static final int ERROR = 8;

    private static final int DESCRIPTOR = 16;
    private static final int OWN = 0x8000_0000;
    private static final int DONE = 1;
    /** Frames that wait in the card, and sent ones that it remembers. */
    private static final int MEMORY = 64;

    private final Ground ground;
    private final DeviceSpec spec;
    private final DmaDevice device;
    private final Bus bus;
    private final Deque<byte[]> wire = new ArrayDeque<>();
    private final Deque<byte[]> sent = new ArrayDeque<>();
    /** RX_RING, RX_SIZE, TX_RING, TX_SIZE. */
    private final int[] rings = new int[4];

    private int control;
    private int status;
    private int rxHead;
    private int txHead;
    private boolean sending;
    private boolean ticking;

    NetCard(Ground ground, DeviceSpec spec, DmaDevice device, Bus bus) {
        this.ground = ground;
        this.spec = spec;
        this.device = device;
        this.bus = bus;
        ground.ram().addDevice(this);
        ground.clock().register(timer(), this);
    }

    private String timer() {
        return "network card " + spec.name();
    }

    // ---- the wire

    /** A frame comes; false if the card's memory is full. */
    boolean receive(byte[] frame) {
        if (wire.size() == MEMORY) {
            return false;
        }
        wire.addLast(frame.clone());
        wake();
        return true;
    }

    /** What it has sent, the last frames, oldest first. */
    List<byte[]> sent() {
        return new ArrayList<>(sent);
    }

    // ---- work

    private void wake() {
        boolean work = (control & RX_ENABLE) != 0 && !wire.isEmpty() || (control & TX_ENABLE) != 0 && sending;
        if (work && !ticking) {
            ticking = true;
            ground.clock().schedule(1, timer(), 0);
        }
    }

    @Override
    public void due(long argument) {
        ticking = false;
        int before = status;
        try {
            if ((control & RX_ENABLE) != 0 && !wire.isEmpty()) {
                takeFrame(wire.removeFirst());
            }
            if ((control & TX_ENABLE) != 0 && sending) {
                sendFrame();
            }
        } catch (BusError e) {
            ground.log().printk(KernelLog.ERR, "kmemscope: " + spec.name() + " stops: " + e.getMessage());
            control &= ~(RX_ENABLE | TX_ENABLE);
            status |= ERROR;
        }
        wake();
        if ((status & ~before) != 0 && (control & IRQ_ENABLE) != 0 && spec.irq() > 0) {
            ground.interrupts().raise(spec.irq());
        }
    }

    private void takeFrame(byte[] frame) {
        long at = Integer.toUnsignedLong(rings[0]) + (long) rxHead * DESCRIPTOR;
        byte[] descriptor = descriptor(at);
        if ((word(descriptor, 8) & OWN) == 0) {
            status |= OVERRUN;
            trace(true, 0, frame.length, OVERRUN);
            return;
        }
        int length = Math.min(frame.length, word(descriptor, 4));
        long buffer = Integer.toUnsignedLong(word(descriptor, 0));
        bus.write(device, buffer, frame, 0, length);
        finish(at, descriptor, length);
        rxHead = next(rxHead, rings[1]);
        status |= RECEIVED;
        trace(true, buffer, length, DONE);
    }

    private void sendFrame() {
        long at = Integer.toUnsignedLong(rings[2]) + (long) txHead * DESCRIPTOR;
        byte[] descriptor = descriptor(at);
        if ((word(descriptor, 8) & OWN) == 0) {
            sending = false;
            return;
        }
        byte[] frame = new byte[Math.max(0, word(descriptor, 4))];
        long buffer = Integer.toUnsignedLong(word(descriptor, 0));
        bus.read(device, buffer, frame, 0, frame.length);
        sent.addLast(frame);
        if (sent.size() > MEMORY) {
            sent.removeFirst();
        }
        finish(at, descriptor, frame.length);
        txHead = next(txHead, rings[3]);
        status |= SENT;
        trace(false, buffer, frame.length, DONE);
    }

    private byte[] descriptor(long at) {
        byte[] bytes = new byte[DESCRIPTOR];
        bus.read(device, at, bytes, 0, DESCRIPTOR);
        return bytes;
    }

    private void finish(long at, byte[] descriptor, int length) {
        put(descriptor, 4, length);
        put(descriptor, 8, DONE);
        bus.write(device, at + 4, descriptor, 4, 8);
    }

    private static int next(int head, int size) {
        return size < 1 ? 0 : (head + 1) % size;
    }

    private static int word(byte[] bytes, int at) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
    }

    private static void put(byte[] bytes, int at, int value) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    }

    private void trace(boolean in, long buffer, int length, int how) {
        TracePoint point = in ? TracePoint.NETCARD_RX : TracePoint.NETCARD_TX;
        if (ground.trace().on(point)) {
            ground.trace().fire(point, ground.trace().callSites().id(spec.name()), buffer, length, how);
        }
    }

    // ---- registers

    @Override
    public DeviceSpec spec() {
        return spec;
    }

    @Override
    public String what() {
        return "network card";
    }

    @Override
    public String register(long offset) {
        return DeviceModel.named(REGISTERS, offset);
    }

    @Override
    public int read32(long offset) {
        int register = (int) offset;
        if (register >= RX_RING && register <= TX_SIZE) {
            return rings[(register - RX_RING) / Integer.BYTES];
        }
        return switch (register) {
            case CONTROL -> control;
            case STATUS -> status;
            case RX_HEAD -> rxHead;
            case TX_HEAD -> txHead;
            default -> 0;
        };
    }

    @Override
    public void write32(long offset, int value) {
        int register = (int) offset;
        if (register >= RX_RING && register <= TX_SIZE) {
            rings[(register - RX_RING) / Integer.BYTES] = value;
            rxHead = 0;
            txHead = 0;
        } else if (register == STATUS) {
            status &= ~value;
        } else if (register == CONTROL) {
            control = value & (RX_ENABLE | TX_ENABLE | IRQ_ENABLE);
            wake();
        } else if (register == KICK) {
            sending = true;
            wake();
        }
    }

    // ---- state

    @Override
    public void save(StateWriter out) {
        out.putInts(rings);
        out.putInts(new int[] {control, status, rxHead, txHead, sending ? 1 : 0, ticking ? 1 : 0});
        save(wire, out);
        save(sent, out);
    }

    private static void save(Collection<byte[]> frames, StateWriter out) {
        out.putInt(frames.size());
        frames.forEach(out::putBytes);
    }

    @Override
    public void restore(StateReader in) {
        System.arraycopy(in.getInts(), 0, rings, 0, rings.length);
        int[] values = in.getInts();
        control = values[0];
        status = values[1];
        rxHead = values[2];
        txHead = values[3];
        sending = values[4] != 0;
        ticking = values[5] != 0;
        restore(wire, in);
        restore(sent, in);
    }

    private static void restore(Deque<byte[]> frames, StateReader in) {
        frames.clear();
        for (int left = in.getInt(); left > 0; left--) {
            frames.addLast(in.getBytes());
        }
    }
}

package org.kmemscope.dma;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.error.BusError;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * One channel of the engine's hardware: works off a chain of descriptors in memory.
 *
 * <pre>
 *   descriptor   00 SRC | 04 DST | 08 LEN | 0c CONTROL | 10 NEXT | 14 STATUS | 18 SRC_HI | 1c DST_HI
 *   CONTROL      1 raise the line when done   2 the last   4 SRC is a register   8 DST is a register
 *   STATUS       written by the channel: 80000000 done, 40000000 error, and the bytes moved
 * </pre>
 *
 * <ol>
 *   <li>A descriptor is fetched when the one before it is done, not earlier; what is written to it then counts.
 *   <li>Bursts do not cross a page of either side. A register is read or written as far as its device asks for it.
 *   <li>An error stops the channel; what was moved stays moved.
 * </ol>
 */
final class EngineChannel implements Stateful {
    static final int DESCRIPTOR = 32;
    static final int IRQ = 1;
    static final int LAST = 2;
    static final int SRC_FIXED = 4;
    static final int DST_FIXED = 8;
    static final int DONE = 0x8000_0000;
    static final int FAILED = 0x4000_0000;
    static final int NEXT_AT = 0x10;
    static final int STATUS_AT = 0x14;

    private final DmaDevice device;
    private final Bus bus;
    private final List<SlavePort> ports;
    private final byte[] buffer = new byte[Profile.PAGE_SIZE];

    private long at;
    private boolean running;
    private boolean paused;
    private boolean fetched;
    private long source;
    private long target;
    private long length;
    private int control;
    private long next;
    private long moved;

    /** What came of a tick. */
    enum Outcome {
        /** Goes on. */
        WORKING,
        /** A descriptor with IRQ is done, and the chain goes on. */
        PERIOD,
        /** The chain is done. */
        DONE,
        /** The chain has stopped at an error. */
        FAILED
    }

    EngineChannel(DmaDevice device, Bus bus, List<SlavePort> ports) {
        this.device = device;
        this.bus = bus;
        this.ports = ports;
    }

    void start(long descriptor) {
        at = descriptor;
        running = true;
        paused = false;
        fetched = false;
        moved = 0;
    }

    void stop() {
        running = false;
        paused = false;
        fetched = false;
    }

    void pause(boolean on) {
        paused = on;
    }

    boolean isRunning() {
        return running;
    }

    boolean isPaused() {
        return paused;
    }

    /** The descriptor in work. */
    long descriptor() {
        return running ? at : 0;
    }

    /** The descriptor it had last. */
    long lastDescriptor() {
        return at;
    }

    /** Bytes moved of it. */
    long moved() {
        return fetched ? moved : 0;
    }

    /** Works for a tick; {@code problem} takes what is wrong. */
    Outcome work(int bytes, StringBuilder problem) {
        int budget = bytes;
        boolean period = false;
        try {
            while (budget > 0 && running && !paused) {
                if (!fetched) {
                    fetch();
                }
                int burst = burst(budget);
                if (burst > 0) {
                    move(burst);
                    budget -= burst;
                }
                if (moved == length) {
                    period |= (control & IRQ) != 0;
                    if (finish()) {
                        return Outcome.DONE;
                    }
                } else if (burst == 0) {
                    break;
                }
            }
        } catch (BusError e) {
            problem.append(e.getMessage());
            fail();
            return Outcome.FAILED;
        }
        return period ? Outcome.PERIOD : Outcome.WORKING;
    }

    private void fetch() {
        byte[] words = new byte[DESCRIPTOR];
        bus.read(device, at, words, 0, DESCRIPTOR);
        source = word(words, 0) | word(words, 0x18) << Integer.SIZE;
        target = word(words, 4) | word(words, 0x1c) << Integer.SIZE;
        length = word(words, 8);
        control = (int) word(words, 0xc);
        next = word(words, NEXT_AT);
        moved = 0;
        fetched = true;
    }

    private static long word(byte[] bytes, int offset) {
        long value = 0;
        for (int i = Integer.BYTES - 1; i >= 0; i--) {
            value = value << Byte.SIZE | bytes[offset + i] & 0xffL;
        }
        return value;
    }

    private int burst(int budget) {
        long burst = Math.min(budget, length - moved);
        burst = (control & SRC_FIXED) != 0
                ? Math.min(burst, port(source).readable())
                : Math.min(burst, toPageEnd(source + moved));
        burst = (control & DST_FIXED) != 0
                ? Math.min(burst, port(target).writable())
                : Math.min(burst, toPageEnd(target + moved));
        return (int) Math.min(burst, buffer.length);
    }

    private SlavePort port(long address) {
        return ports.stream()
                .filter(candidate -> candidate.port() == address)
                .findFirst()
                .orElseThrow(() -> BusError.unreachable(
                        address, String.format("%s: no device has a data register at 0x%08x", device.name(), address)));
    }

    private static long toPageEnd(long address) {
        return Profile.PAGE_SIZE - (address & Profile.PAGE_SIZE - 1);
    }

    private void move(int burst) {
        if ((control & SRC_FIXED) != 0) {
            port(source).pull(buffer, burst);
        } else {
            bus.read(device, source + moved, buffer, 0, burst);
        }
        if ((control & DST_FIXED) != 0) {
            port(target).push(buffer, burst);
        } else {
            bus.write(device, target + moved, buffer, 0, burst);
        }
        moved += burst;
    }

    /** Whether that was the last. */
    private boolean finish() {
        status(DONE);
        fetched = false;
        if ((control & LAST) != 0) {
            running = false;
            return true;
        }
        at = next;
        return false;
    }

    private void fail() {
        running = false;
        try {
            status(FAILED);
        } catch (BusError e) {
            // the descriptor itself is what cannot be reached
            fetched = false;
        }
        fetched = false;
    }

    private void status(int flag) {
        int value = flag | (int) moved;
        byte[] bytes = {(byte) value, (byte) (value >>> 8), (byte) (value >>> 16), (byte) (value >>> 24)};
        bus.write(device, at + STATUS_AT, bytes, 0, bytes.length);
    }

    /** Whether a range of bus addresses is moved now: read, or written. */
    Optional<Boolean> writesOver(long start, long size) {
        if (!running || !fetched || paused) {
            return Optional.empty();
        }
        if ((control & DST_FIXED) == 0 && start < target + length && target < start + size) {
            return Optional.of(true);
        }
        boolean reads = (control & SRC_FIXED) == 0 && start < source + length && source < start + size;
        return reads ? Optional.of(false) : Optional.empty();
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(new long[] {
            at, running ? 1 : 0, paused ? 1 : 0, fetched ? 1 : 0, source, target, length, control, next, moved
        });
    }

    @Override
    public void restore(StateReader in) {
        long[] values = in.getLongs();
        at = values[0];
        running = values[1] != 0;
        paused = values[2] != 0;
        fetched = values[3] != 0;
        source = values[4];
        target = values[5];
        length = values[6];
        control = (int) values[7];
        next = values[8];
        moved = values[9];
    }
}

package org.kmemscope.dma;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.kmemscope.api.ground.Clock;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/**
 * A disk of the model's own design, 1 MiB in sectors of 512 bytes. It has no way to memory of its own: a DMA engine moves its data through
 * one register.
 *
 * <pre>
 *   00 COMMAND   w   1 READ   2 WRITE   4 RESET
 *   04 STATUS    r   1 BUSY   2 DONE   4 ERROR, there are no such sectors; writing ones clears DONE and ERROR
 *   08 SECTOR    rw  the first            0c COUNT  rw  how many
 *   10 SECTORS   r   how many it has
 *   100 DATA     the register for the engine
 * </pre>
 *
 * <p>A command is done a tick after its last byte; then the line is raised.
 */
final class Disk implements DeviceModel, SlavePort, Clock.TimerHandler {
    /** The kind of such a device in a profile. */
    static final String KIND = "disk";

    static final int SECTOR_SIZE = 512;
    static final int SECTORS = 2048;
    /** What it has, or takes, at once. */
    private static final int FIFO = 4096;

    private static final int COMMAND = 0x00;
    private static final int STATUS = 0x04;
    private static final int SECTOR = 0x08;
    private static final int COUNT = 0x0c;
    private static final int CAPACITY = 0x10;
    private static final int DATA = 0x100;
    private static final List<String> REGISTERS = List.of("COMMAND", "STATUS", "SECTOR", "COUNT", "SECTORS");
    private static final int READ = 1;
    private static final int WRITE = 2;
    private static final int RESET = 4;
    private static final int BUSY = 1;
    private static final int DONE = 2;
    private static final int ERROR = 4;

    private final Ground ground;
    private final DeviceSpec spec;
    /** Sectors that were written; the others are zeros. */
    private final Map<Integer, byte[]> sectors = new TreeMap<>();

    private int command;
    private int status;
    private int sector;
    private int count;
    private long left;

    Disk(Ground ground, DeviceSpec spec) {
        this.ground = ground;
        this.spec = spec;
        ground.ram().addDevice(this);
        ground.clock().register(timer(), this);
    }

    private String timer() {
        return "disk " + spec.name();
    }

    // ---- data

    @Override
    public long port() {
        return spec.base() + DATA;
    }

    @Override
    public int readable() {
        return command == READ ? (int) Math.min(left, FIFO) : 0;
    }

    @Override
    public int writable() {
        return command == WRITE ? (int) Math.min(left, FIFO) : 0;
    }

    @Override
    public void pull(byte[] into, int length) {
        move(into, length, false);
    }

    @Override
    public void push(byte[] from, int length) {
        move(from, length, true);
    }

    private void move(byte[] bytes, int length, boolean write) {
        long position = (long) (sector + count) * SECTOR_SIZE - left;
        for (int i = 0; i < length; i++) {
            int number = (int) ((position + i) / SECTOR_SIZE);
            int offset = (int) ((position + i) % SECTOR_SIZE);
            if (write) {
                sectors.computeIfAbsent(number, key -> new byte[SECTOR_SIZE])[offset] = bytes[i];
            } else {
                byte[] content = sectors.get(number);
                bytes[i] = content == null ? 0 : content[offset];
            }
        }
        left -= length;
        if (left == 0) {
            ground.clock().schedule(1, timer(), 0);
        }
    }

    @Override
    public void due(long argument) {
        if ((status & BUSY) != 0 && left == 0) {
            status = status & ~BUSY | DONE;
            command = 0;
            raise();
        }
    }

    private void raise() {
        if (spec.irq() > 0) {
            ground.interrupts().raise(spec.irq());
        }
    }

    // ---- registers

    @Override
    public DeviceSpec spec() {
        return spec;
    }

    @Override
    public String what() {
        return "disk";
    }

    @Override
    public String register(long offset) {
        return offset == DATA ? "DATA" : DeviceModel.named(REGISTERS, offset);
    }

    @Override
    public int read32(long offset) {
        return switch ((int) offset) {
            case STATUS -> status;
            case SECTOR -> sector;
            case COUNT -> count;
            case CAPACITY -> SECTORS;
            default -> 0;
        };
    }

    @Override
    public void write32(long offset, int value) {
        switch ((int) offset) {
            case COMMAND -> begin(value);
            case STATUS -> status &= ~(value & (DONE | ERROR));
            case SECTOR -> sector = (status & BUSY) == 0 ? value : sector;
            case COUNT -> count = (status & BUSY) == 0 ? value : count;
            default -> {
                // the others are for reading only
            }
        }
    }

    private void begin(int value) {
        if ((value & RESET) != 0) {
            command = 0;
            status = 0;
            left = 0;
        } else if ((status & BUSY) == 0 && (value == READ || value == WRITE)) {
            if (sector < 0 || count < 1 || sector + (long) count > SECTORS) {
                status |= ERROR;
                raise();
            } else {
                command = value;
                status = BUSY;
                left = (long) count * SECTOR_SIZE;
            }
        }
    }

    // ---- state

    @Override
    public void save(StateWriter out) {
        out.putLongs(new long[] {command, status, sector, count, left, sectors.size()});
        sectors.forEach((number, bytes) -> {
            out.putInt(number);
            out.putBytes(bytes);
        });
    }

    @Override
    public void restore(StateReader in) {
        long[] values = in.getLongs();
        command = (int) values[0];
        status = (int) values[1];
        sector = (int) values[2];
        count = (int) values[3];
        left = values[4];
        sectors.clear();
        for (long i = values[5]; i > 0; i--) {
            sectors.put(in.getInt(), in.getBytes());
        }
    }
}

package org.kmemscope.dma;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.kmemscope.api.dma.Dma.TransferStatus;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.ground.Clock;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.DmaChannelView;

/**
 * A DMA engine of the model's own design: four channels that work off chains of descriptors in memory, and the kernel's driver of it.
 *
 * <pre>
 *   40 * n + 00 CONTROL   w   1 START at DESC   2 PAUSE   4 RESUME   8 STOP
 *            04 STATUS    r   1 running   2 paused
 *            08 DESC      rw  bus address of the first descriptor
 *            0c CURRENT   r   bus address of the descriptor in work
 *            10 MOVED     r   bytes moved of it
 *   line     irq + n      the chain is done or has failed, or a descriptor asked for it
 * </pre>
 *
 * <p>Each channel moves up to {@value #BYTES_PER_TICK} bytes in a tick, all at the same time. What descriptors are is told by
 * {@link EngineChannel}, what the kernel does with them by {@link ChannelDriver}.
 */
final class DmaEngine implements DeviceModel, Clock.TimerHandler, Flights {
    /** The kind of such a device in a profile. */
    static final String KIND = "dma-engine";

    static final int CHANNELS = 4;
    static final int BYTES_PER_TICK = 16384;

    private static final int WINDOW = 0x40;
    private static final int CONTROL = 0x00;
    private static final int STATUS = 0x04;
    private static final int DESC = 0x08;
    private static final int CURRENT = 0x0c;
    private static final int MOVED = 0x10;
    private static final List<String> REGISTERS = List.of("CONTROL", "STATUS", "DESC", "CURRENT", "MOVED");
    private static final int START = 1;
    private static final int PAUSE = 2;
    private static final int RESUME = 4;
    private static final int STOP = 8;

    private final Ground ground;
    private final DeviceSpec spec;
    private final DmaDevice device;
    private final DeviceTable devices;
    private final EngineChannel[] hardware = new EngineChannel[CHANNELS];
    private final ChannelDriver[] drivers = new ChannelDriver[CHANNELS];
    private final long[] first = new long[CHANNELS];
    private boolean ticking;

    DmaEngine(Ground ground, DeviceSpec spec, DmaDevice device, DeviceTable devices, Bus bus, List<SlavePort> ports) {
        this.ground = ground;
        this.spec = spec;
        this.device = device;
        this.devices = devices;
        for (int i = 0; i < CHANNELS; i++) {
            hardware[i] = new EngineChannel(device, bus, ports);
            drivers[i] = new ChannelDriver(ground.mmu(), hardware[i]);
        }
        ground.ram().addDevice(this);
        ground.clock().register(timer(), this);
    }

    private String timer() {
        return "dma engine " + spec.name();
    }

    // ---- channels

    DmaChannel request(DmaBuffer ring) {
        for (int i = 0; i < CHANNELS; i++) {
            if (drivers[i].isFree()) {
                drivers[i].request(ring, ground.context().callSite());
                return new DmaChannel(device, i, spec.irq() + i);
            }
        }
        return DmaChannel.NONE;
    }

    boolean anyFree() {
        return Arrays.stream(drivers).anyMatch(ChannelDriver::isFree);
    }

    /** The kernel's side of a channel. */
    ChannelDriver driver(DmaChannel channel) {
        return drivers[channel.number()];
    }

    void issue(DmaChannel channel) {
        if (drivers[channel.number()].issue()) {
            trace(channel.number(), TransferStatus.IN_PROGRESS);
            wake();
        }
    }

    void pause(DmaChannel channel, boolean on) {
        hardware[channel.number()].pause(on);
        wake();
    }

    // ---- work

    private void wake() {
        boolean work = false;
        for (EngineChannel channel : hardware) {
            work |= channel.isRunning() && !channel.isPaused();
        }
        if (work && !ticking) {
            ticking = true;
            ground.clock().schedule(1, timer(), 0);
        }
    }

    @Override
    public void due(long argument) {
        ticking = false;
        boolean[] raise = new boolean[CHANNELS];
        for (int i = 0; i < CHANNELS; i++) {
            if (hardware[i].isRunning() && !hardware[i].isPaused()) {
                raise[i] = work(i);
            }
        }
        wake();
        for (int i = 0; i < CHANNELS; i++) {
            if (raise[i] && spec.irq() > 0) {
                ground.interrupts().raise(spec.irq() + i);
            }
        }
    }

    /** Whether the line is raised. */
    private boolean work(int number) {
        StringBuilder problem = new StringBuilder();
        EngineChannel.Outcome outcome = hardware[number].work(BYTES_PER_TICK, problem);
        if (outcome == EngineChannel.Outcome.WORKING || outcome == EngineChannel.Outcome.PERIOD) {
            return outcome == EngineChannel.Outcome.PERIOD;
        }
        boolean well = outcome == EngineChannel.Outcome.DONE;
        if (!well) {
            ground.log()
                    .printk(
                            KernelLog.ERR,
                            String.format(
                                    "kmemscope: %schan%d: descriptor 0x%08x failed: %s",
                                    spec.name(), number, hardware[number].lastDescriptor(), problem));
        }
        trace(number, well ? TransferStatus.COMPLETE : TransferStatus.ERROR);
        if (!drivers[number].isFree() && drivers[number].ended(well)) {
            trace(number, TransferStatus.IN_PROGRESS);
        }
        return true;
    }

    private void trace(int number, TransferStatus status) {
        if (ground.trace().on(TracePoint.DMA_CHANNEL)) {
            ground.trace()
                    .fire(
                            TracePoint.DMA_CHANNEL,
                            ground.trace().callSites().id(spec.name() + "chan" + number),
                            hardware[number].descriptor(),
                            drivers[number].completed(),
                            status.ordinal());
        }
    }

    // ---- what is in flight

    @Override
    public boolean any() {
        for (EngineChannel channel : hardware) {
            if (channel.isRunning()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Optional<Flight> over(long phys, long length, boolean write) {
        long bus = devices.toBus(device, phys);
        for (int i = 0; i < CHANNELS; i++) {
            Optional<Boolean> writes = hardware[i].writesOver(bus, length);
            Optional<Transaction> work = drivers[i].inWork();
            // a cyclic buffer is shared by its nature: the CPU works where the channel is not
            boolean shared = work.isPresent() && work.get().kind == Transaction.Kind.CYCLIC;
            if (writes.isPresent() && (write || writes.get()) && work.isPresent() && !shared) {
                long total = work.get().total();
                return Optional.of(new Flight(
                        "transaction " + work.get().cookie + " of " + spec.name() + "chan" + i,
                        total - drivers[i].residue(work.get()),
                        total,
                        writes.get(),
                        (long) work.get().cookie << 8 | i));
            }
        }
        return Optional.empty();
    }

    // ---- looking

    void verify(Verification report) {
        for (int i = 0; i < CHANNELS; i++) {
            drivers[i].verify(spec.name() + "chan" + i, report);
        }
    }

    List<DmaChannelView> views() {
        List<DmaChannelView> views = new ArrayList<>();
        for (int i = 0; i < CHANNELS; i++) {
            ChannelDriver driver = drivers[i];
            EngineChannel channel = hardware[i];
            Optional<Transaction> work = driver.inWork();
            views.add(new DmaChannelView(
                    spec.name() + "chan" + i,
                    driver.isFree() ? "free" : !channel.isRunning() ? "idle" : channel.isPaused() ? "paused" : "busy",
                    driver.isFree() ? "" : ground.trace().callSites().text(driver.owner()),
                    work.map(transaction -> transaction.cookie).orElse(0),
                    work.map(transaction -> transaction.kind.name().toLowerCase(Locale.ROOT))
                            .orElse(""),
                    work.map(driver::residue).orElse(0L),
                    driver.waiting(),
                    driver.completed(),
                    channel.descriptor()));
        }
        return views;
    }

    // ---- registers

    @Override
    public DeviceSpec spec() {
        return spec;
    }

    @Override
    public String what() {
        return "DMA engine";
    }

    @Override
    public String register(long offset) {
        String name = offset < (long) CHANNELS * WINDOW ? DeviceModel.named(REGISTERS, offset % WINDOW) : "";
        return name.isEmpty() ? name : name + " of channel " + offset / WINDOW;
    }

    @Override
    public int read32(long offset) {
        int number = (int) (offset / WINDOW);
        if (number >= CHANNELS) {
            return 0;
        }
        EngineChannel channel = hardware[number];
        return switch ((int) (offset % WINDOW)) {
            case STATUS -> (channel.isRunning() ? 1 : 0) | (channel.isPaused() ? 2 : 0);
            case DESC -> (int) first[number];
            case CURRENT -> (int) channel.descriptor();
            case MOVED -> (int) channel.moved();
            default -> 0;
        };
    }

    @Override
    public void write32(long offset, int value) {
        int number = (int) (offset / WINDOW);
        int register = (int) (offset % WINDOW);
        if (number < CHANNELS && register == DESC) {
            first[number] = Integer.toUnsignedLong(value);
        } else if (number < CHANNELS && register == CONTROL) {
            control(number, value);
        }
    }

    private void control(int number, int value) {
        EngineChannel channel = hardware[number];
        if ((value & STOP) != 0) {
            channel.stop();
        }
        if ((value & START) != 0 && !channel.isRunning()) {
            channel.start(first[number]);
        }
        if ((value & (PAUSE | RESUME)) != 0) {
            channel.pause((value & PAUSE) != 0);
        }
        wake();
    }

    // ---- state

    @Override
    public void save(StateWriter out) {
        out.putBoolean(ticking);
        out.putLongs(first);
        for (ChannelDriver driver : drivers) {
            driver.save(out);
        }
    }

    @Override
    public void restore(StateReader in) {
        ticking = in.getBoolean();
        System.arraycopy(in.getLongs(), 0, first, 0, CHANNELS);
        for (ChannelDriver driver : drivers) {
            driver.restore(in);
        }
    }
}

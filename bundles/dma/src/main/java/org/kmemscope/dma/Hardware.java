package org.kmemscope.dma;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.Dma;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.dma.DmaDescriptor;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaSegment;
import org.kmemscope.api.dma.DmaTxState;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.view.DmaChannelView;

/** The devices of a machine that do something by themselves, and the calls that make them do it. */
abstract class Hardware implements Dma {
    private static final int ENODEV = -19;

    final ObjectFloor floor;
    final Era era;
    final DeviceTable devices;
    final MappingBook book;
    final Watch watch;
    final Bus bus;
    /** By device; null for a device that only has a mask. */
    private final DeviceModel[] models;
    /** Registers through which engines move data. */
    private final List<SlavePort> ports = new ArrayList<>();

    Hardware(ObjectFloor floor, Era era) {
        this.floor = floor;
        this.era = era;
        List<DeviceSpec> specs = floor.profile().devices();
        devices = new DeviceTable(specs);
        book = new MappingBook(devices, era.coherent().sources());
        watch = new Watch(floor, book, era.maintenance());
        bus = new Bus(floor, devices, book, watch);
        models = new DeviceModel[specs.size()];
        for (int id = 0; id < models.length; id++) {
            models[id] = model(specs.get(id), devices.get(id));
        }
        watch.watch(present().stream()
                .filter(Flights.class::isInstance)
                .map(Flights.class::cast)
                .toList());
    }

    private DeviceModel model(DeviceSpec spec, DmaDevice device) {
        return switch (spec.kind()) {
            case DmaController.KIND -> new DmaController(floor, spec, device, bus);
            case NetCard.KIND -> new NetCard(floor, spec, device, bus);
            case DmaEngine.KIND -> new DmaEngine(floor, spec, device, devices, bus, ports);
            case Disk.KIND -> {
                Disk disk = new Disk(floor, spec);
                ports.add(disk);
                yield disk;
            }
            default -> null;
        };
    }

    /** Those that there are, in the order of the profile. */
    final List<DeviceModel> present() {
        return Arrays.stream(models).filter(Objects::nonNull).toList();
    }

    final void verifyHardware(Verification report) {
        for (DeviceModel model : models) {
            if (model instanceof DmaEngine engine) {
                engine.verify(report);
            }
        }
    }

    // ---- controllers

    @Override
    public int submit(DmaDevice controller, DmaDescriptor descriptor) {
        devices.require(controller);
        return controller.id() >= 0 && models[controller.id()] instanceof DmaController engine
                ? engine.submit(descriptor)
                : ENODEV;
    }

    @Override
    public TransferStatus status(DmaDevice controller, int cookie) {
        devices.require(controller);
        return controller.id() >= 0 && models[controller.id()] instanceof DmaController engine
                ? engine.status(cookie)
                : TransferStatus.UNKNOWN;
    }

    // ---- engines

    @Override
    public DmaChannel requestChannel(DmaDevice engine) {
        DmaEngine found = engine(engine);
        if (!found.anyFree()) {
            return DmaChannel.NONE;
        }
        DmaBuffer ring = allocCoherent(engine, ChannelDriver.RING, floor.gfp().of(Gfp.GFP_KERNEL));
        return ring.failed() ? DmaChannel.NONE : found.request(ring);
    }

    @Override
    public void releaseChannel(DmaChannel channel) {
        freeCoherent(channel.engine(), driver(channel).release());
    }

    private DmaEngine engine(DmaDevice device) {
        devices.require(device);
        if (device.id() >= 0 && models[device.id()] instanceof DmaEngine engine) {
            return engine;
        }
        throw new IllegalArgumentException(device.name() + " is no DMA engine");
    }

    private ChannelDriver driver(DmaChannel channel) {
        if (channel.number() < 0) {
            throw new IllegalArgumentException("there is no such channel (NULL)");
        }
        ChannelDriver driver = engine(channel.engine()).driver(channel);
        if (driver.isFree()) {
            throw new IllegalArgumentException("nobody has requested " + channel.name());
        }
        return driver;
    }

    @Override
    public int slaveConfig(DmaChannel channel, long port) {
        driver(channel).config(port);
        return 0;
    }

    @Override
    public int prepMemcpy(DmaChannel channel, long target, long source, long length) {
        return driver(channel).memcpy(target, source, length);
    }

    @Override
    public int prepSlaveSg(DmaChannel channel, List<DmaSegment> segments, Direction direction) {
        List<ChannelDriver.Piece> pieces = segments.stream()
                .map(segment -> new ChannelDriver.Piece(segment.handle(), segment.handle(), segment.length()))
                .toList();
        return driver(channel).slave(pieces, direction == Direction.DMA_TO_DEVICE);
    }

    @Override
    public int prepCyclic(DmaChannel channel, long buffer, long length, long period, Direction direction) {
        return driver(channel).cyclic(buffer, length, period, direction == Direction.DMA_TO_DEVICE);
    }

    @Override
    public int submit(DmaChannel channel, int transaction) {
        return driver(channel).submit(transaction);
    }

    @Override
    public void issuePending(DmaChannel channel) {
        driver(channel);
        engine(channel.engine()).issue(channel);
    }

    @Override
    public DmaTxState txStatus(DmaChannel channel, int cookie) {
        return driver(channel).status(cookie);
    }

    @Override
    public int pause(DmaChannel channel) {
        driver(channel);
        engine(channel.engine()).pause(channel, true);
        return 0;
    }

    @Override
    public int resume(DmaChannel channel) {
        driver(channel);
        engine(channel.engine()).pause(channel, false);
        return 0;
    }

    @Override
    public int terminate(DmaChannel channel) {
        driver(channel).terminate();
        return 0;
    }

    @Override
    public List<DmaChannelView> channels() {
        return Arrays.stream(models)
                .filter(DmaEngine.class::isInstance)
                .flatMap(model -> ((DmaEngine) model).views().stream())
                .toList();
    }

    // ---- the wire

    @Override
    public boolean receive(DmaDevice card, byte[] frame) {
        return card(card).receive(frame);
    }

    @Override
    public List<byte[]> sent(DmaDevice card) {
        return card(card).sent();
    }

    private NetCard card(DmaDevice device) {
        devices.require(device);
        if (device.id() >= 0 && models[device.id()] instanceof NetCard card) {
            return card;
        }
        throw new IllegalArgumentException(device.name() + " is no network card");
    }
}

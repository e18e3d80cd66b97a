package org.kmemscope.dma;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.view.DmaChannelView;

/** The devices of a machine that do something by themselves, by the number of the device. */
final class DeviceModels implements Stateful {
    private final DeviceTable devices;
    /** By number; null for a device that does nothing by itself. */
    private final DeviceModel[] models;
    /** What engines serve. */
    private final List<SlavePort> ports = new ArrayList<>();

    DeviceModels(ObjectFloor floor, DeviceTable devices, Bus bus) {
        this.devices = devices;
        List<DeviceSpec> specs = floor.profile().devices();
        models = new DeviceModel[specs.size()];
        for (int id = 0; id < models.length; id++) {
            models[id] = model(floor, specs.get(id), devices.get(id), bus);
        }
    }

    private DeviceModel model(ObjectFloor floor, DeviceSpec spec, DmaDevice device, Bus bus) {
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

    List<DeviceModel> present() {
        return Arrays.stream(models).filter(Objects::nonNull).toList();
    }

    /** Those that have transfers in flight. */
    List<Flights> flights() {
        return present().stream()
                .filter(Flights.class::isInstance)
                .map(Flights.class::cast)
                .toList();
    }

    /** A device as what it is, if it is that. */
    <T> Optional<T> find(DmaDevice device, Class<T> type) {
        devices.require(device);
        return device.id() >= 0 && type.isInstance(models[device.id()])
                ? Optional.of(type.cast(models[device.id()]))
                : Optional.empty();
    }

    NetCard card(DmaDevice device) {
        return find(device, NetCard.class)
                .orElseThrow(() -> new IllegalArgumentException(device.name() + " is no network card"));
    }

    DmaEngine engine(DmaDevice device) {
        return find(device, DmaEngine.class)
                .orElseThrow(() -> new IllegalArgumentException(device.name() + " is no DMA engine"));
    }

    /** The driver of a channel that somebody has requested. */
    ChannelDriver driver(DmaChannel channel) {
        if (channel.number() < 0) {
            throw new IllegalArgumentException("there is no such channel (NULL)");
        }
        ChannelDriver driver = engine(channel.engine()).driver(channel);
        if (driver.isFree()) {
            throw new IllegalArgumentException("nobody has requested " + channel.name());
        }
        return driver;
    }

    List<DmaChannelView> channels() {
        return present().stream()
                .filter(DmaEngine.class::isInstance)
                .flatMap(model -> ((DmaEngine) model).views().stream())
                .toList();
    }

    void verify(Verification report) {
        for (DeviceModel model : models) {
            if (model instanceof DmaEngine engine) {
                engine.verify(report);
            }
        }
    }

    @Override
    public void save(StateWriter out) {
        present().forEach(model -> model.save(out));
    }

    @Override
    public void restore(StateReader in) {
        present().forEach(model -> model.restore(in));
    }
}

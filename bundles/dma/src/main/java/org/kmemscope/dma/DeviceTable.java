package org.kmemscope.dma;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** The devices of a machine and their masks, which drivers may change. */
final class DeviceTable implements Stateful {
    private final List<DmaDevice> devices = new ArrayList<>();
    private final long[] masks;
    private final long[] coherentMasks;

    DeviceTable(List<DeviceSpec> specs) {
        masks = new long[specs.size()];
        coherentMasks = new long[specs.size()];
        for (DeviceSpec spec : specs) {
            int id = devices.size();
            devices.add(new DmaDevice(id, spec.name(), spec.irq(), spec.base(), spec.size()));
            masks[id] = spec.dmaMask();
            coherentMasks[id] = spec.coherentDmaMask();
        }
    }

    List<DmaDevice> all() {
        return List.copyOf(devices);
    }

    DmaDevice get(int id) {
        return id < 0 ? DmaDevice.NULL : devices.get(id);
    }

    /** A device of this machine; one of another machine is a mistake of the caller's. */
    void require(DmaDevice device) {
        if (!device.equals(DmaDevice.NULL) && !devices.contains(device)) {
            throw new IllegalArgumentException(
                    "this machine has no device " + device.name() + (devices.isEmpty() ? "" : "; it has " + names()));
        }
    }

    private String names() {
        return String.join(", ", devices.stream().map(DmaDevice::name).toList());
    }

    /** {@code *dev->dma_mask}; 0 for a NULL device, which nobody asks. */
    long mask(DmaDevice device) {
        return device.id() < 0 ? 0 : masks[device.id()];
    }

    /** {@code dev->coherent_dma_mask}. */
    long coherentMask(DmaDevice device) {
        return device.id() < 0 ? 0 : coherentMasks[device.id()];
    }

    void setMask(DmaDevice device, long mask) {
        masks[device.id()] = mask;
    }

    void setCoherentMask(DmaDevice device, long mask) {
        coherentMasks[device.id()] = mask;
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(masks);
        out.putLongs(coherentMasks);
    }

    @Override
    public void restore(StateReader in) {
        System.arraycopy(in.getLongs(), 0, masks, 0, masks.length);
        System.arraycopy(in.getLongs(), 0, coherentMasks, 0, coherentMasks.length);
    }
}

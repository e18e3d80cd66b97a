package org.kmemscope.dma;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The devices of a machine, what they reach, and what drivers may change of it.
 *
 * <pre>
 *   bus address       0 ──────────── mask        what the address lines of the device say
 *   physical address  busOffset ──── + mask      what they mean
 * </pre>
 */
final class DeviceTable implements Stateful {
    private static final long USUAL_SEGMENT = 65536;

    private final List<DmaDevice> devices = new ArrayList<>();
    private final List<DeviceSpec> specs;
    private final long[] masks;
    private final long[] coherentMasks;
    private final long[] segmentSizes;
    private final long[] segmentBoundaries;

    DeviceTable(List<DeviceSpec> specs) {
        this.specs = List.copyOf(specs);
        masks = new long[specs.size()];
        coherentMasks = new long[specs.size()];
        segmentSizes = new long[specs.size()];
        segmentBoundaries = new long[specs.size()];
        Arrays.fill(segmentSizes, USUAL_SEGMENT);
        Arrays.fill(segmentBoundaries, Masks.BITS_32);
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

    /** What its address lines reach, whatever a driver says: the highest bus address. */
    long reach(DmaDevice device) {
        return device.id() < 0 ? -1 : specs.get(device.id()).dmaMask();
    }

    String kind(DmaDevice device) {
        return specs.get(device.id()).kind();
    }

    void setMask(DmaDevice device, long mask) {
        masks[device.id()] = mask;
    }

    void setCoherentMask(DmaDevice device, long mask) {
        coherentMasks[device.id()] = mask;
    }

    // ---- the bus

    /** Physical address at bus address 0. */
    long busOffset(DmaDevice device) {
        return device.id() < 0 ? 0 : specs.get(device.id()).busOffset();
    }

    /** {@code phys_to_dma()}. */
    long toBus(DmaDevice device, long phys) {
        return phys - busOffset(device);
    }

    /** {@code dma_to_phys()}. */
    long toPhys(DmaDevice device, long bus) {
        return bus + busOffset(device);
    }

    // ---- segments

    long maxSegmentSize(DmaDevice device) {
        return device.id() < 0 ? USUAL_SEGMENT : segmentSizes[device.id()];
    }

    long segmentBoundary(DmaDevice device) {
        return device.id() < 0 ? Masks.BITS_32 : segmentBoundaries[device.id()];
    }

    void setMaxSegmentSize(DmaDevice device, long size) {
        segmentSizes[device.id()] = size;
    }

    void setSegmentBoundary(DmaDevice device, long boundary) {
        segmentBoundaries[device.id()] = boundary;
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(masks);
        out.putLongs(coherentMasks);
        out.putLongs(segmentSizes);
        out.putLongs(segmentBoundaries);
    }

    @Override
    public void restore(StateReader in) {
        for (long[] column : List.of(masks, coherentMasks, segmentSizes, segmentBoundaries)) {
            System.arraycopy(in.getLongs(), 0, column, 0, column.length);
        }
    }
}

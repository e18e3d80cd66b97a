package org.kmemscope.dma;

import java.util.List;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.phys.MmioDevice;
import org.kmemscope.api.state.Stateful;

/** Hardware of a machine that has registers and does something by itself. */
interface DeviceModel extends MmioDevice, Stateful {
    /** Where it is, and what its interrupt is. */
    DeviceSpec spec();

    @Override
    default String name() {
        return spec().name();
    }

    @Override
    default long base() {
        return spec().base();
    }

    @Override
    default long size() {
        return spec().size();
    }

    /** What it is, in words. */
    String what();

    /** The register at an offset; empty if there is none. */
    String register(long offset);

    /** The name of a register of 32 bits at an offset; empty if there is none. */
    static String named(List<String> registers, long offset) {
        int index = (int) offset / Integer.BYTES;
        return index < registers.size() ? registers.get(index) : "";
    }
}
